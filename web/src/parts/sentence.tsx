/** A sentence in which what is to be typed stands between backticks. */
export function Words({ children }: { children: string }) {
  return (
    <>
      {children.split('`').map((part, at) =>
        at % 2 === 1 ? (
          <code key={`${at} ${part}`} class="command">
            {part}
          </code>
        ) : (
          part
        ),
      )}
    </>
  );
}

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** One thing of a page's list: the way back, and a heading that a screen reader hears when it comes up. */
export function Within({
  page,
  href,
  title,
  children,
}: {
  /** What the page is called: `Macros`. */
  page: string;
  href: string;
  title: string;
  children: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${page} · roomd`;
    heading.current?.focus();
    return () => {
      document.title = `${page} · roomd`;
    };
  }, [title, page]);
  return (
    <>
      <p class="crumb">
        <a href={href}>← {page}</a>
      </p>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </>
  );
}

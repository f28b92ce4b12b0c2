export function Device({ name }: { name: string }) {
  return <h1>{name}</h1>;
}

export function Macros() {
  return <h1>Macros</h1>;
}

import type { ShownDevice } from '../../../../src/actions/shown-device.ts';

export function Configuration({ device }: { device: ShownDevice }) {
  return (
    <section aria-labelledby="configuration">
      <h2 id="configuration">Configuration</h2>
      <p>{device.configuration.state}</p>
    </section>
  );
}

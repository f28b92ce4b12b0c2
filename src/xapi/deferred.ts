/** A promise that its owner settles. */
export class Deferred {
  resolve: () => void = ignore;
  readonly promise = new Promise<void>((done) => {
    this.resolve = done;
  });
}

function ignore(): void {}

/** Streams of the runtime that Node does not have: here they hand on what they are given. */
class PassingStream extends TransformStream {
  // biome-ignore lint/complexity/noUselessConstructor: the length that it is given means something else to its parent.
  constructor() {
    super()
  }
}

export const installPassingStreams = (): void =>
  void Object.assign(globalThis, { FixedLengthStream: PassingStream, IdentityTransformStream: PassingStream })

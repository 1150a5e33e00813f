/** Streams of the runtime that Node does not have: here they hand on what they are given, copied, because who wrote it may use its memory again. */
class PassingStream extends TransformStream {
  constructor() {
    super({ transform: (chunk, controller) => controller.enqueue(chunk instanceof Uint8Array ? chunk.slice() : chunk) })
  }
}

export const installPassingStreams = (): void =>
  void Object.assign(globalThis, { FixedLengthStream: PassingStream, IdentityTransformStream: PassingStream })

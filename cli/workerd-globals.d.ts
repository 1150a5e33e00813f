/** What workerd has and Node.js has not, as types alone: for tools and tests that read the Workers' code. */

declare module 'undici-types/fetch' {
  interface Response {
    readonly webSocket: WebSocket | null
  }
  interface ResponseInit {
    readonly encodeBody?: 'automatic' | 'manual'
    readonly webSocket?: WebSocket | null
  }
}

declare global {
  type BodyInit = ConstructorParameters<typeof Response>[0]
  interface WebSocket {
    accept(options?: { readonly allowHalfOpen?: boolean }): void
  }
  class WebSocketPair {
    readonly 0: WebSocket
    readonly 1: WebSocket
  }
  class IdentityTransformStream extends TransformStream<Uint8Array, Uint8Array> {}
  class FixedLengthStream extends IdentityTransformStream {
    constructor(length: number | bigint)
  }
}

export {}

/** Modules that workerd has and Node.js has not, as types alone: as much as the Workers' code asks of them where tools and tests read it. */

declare module 'cloudflare:sockets' {
  interface Socket {
    readonly opened: Promise<unknown>
    readonly closed: Promise<void>
    close(): Promise<void>
  }
  export function connect(
    address: { readonly hostname: string; readonly port: number },
    options: { readonly secureTransport: 'on'; readonly allowHalfOpen: boolean },
  ): Socket
}

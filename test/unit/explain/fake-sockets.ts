/** WebSockets of the runtime that Node does not have: they say nothing, and are lost when the test says so. */

const lost: (() => void)[] = []
let pairs = 0

export const newSocket = () => ({
  accept: () => {},
  send: () => {},
  close: () => {},
  addEventListener: (type: string, tell: () => void) => {
    if (type === 'error') lost.push(tell)
  },
})

class FakePair {
  readonly 0 = newSocket()
  readonly 1 = newSocket()

  constructor() {
    pairs += 1
  }
}

/** A relay makes one for each socket. */
export const relayedSockets = (): number => pairs

/** Whoever listens to a socket hears that it broke; nobody waits for it any more. */
export function loseSockets(): void {
  for (const tell of lost.splice(0)) tell()
}

export const installFakeSockets = (): void => void Object.assign(globalThis, { WebSocketPair: FakePair })

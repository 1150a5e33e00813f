/** Whether ports of loopback are free, and free ones. */
import { createServer } from 'node:net'

/** Free now; somebody else may take it in the next moment, which the one who listens then says. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

/** So many different free ports. */
export async function freePorts(count: number): Promise<number[]> {
  const held = await Promise.all(
    Array.from({ length: count }, async () => {
      const probe = createServer()
      await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve))
      return probe
    }),
  )
  const ports = held.map((probe) => (probe.address() as { port: number }).port)
  await Promise.all(held.map((probe) => new Promise((resolve) => probe.close(resolve))))
  return ports
}

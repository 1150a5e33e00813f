/** Whether ports of loopback are free, and free ones. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Free now; somebody else may take it in the next moment, which the one who listens then says. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

/** Systems give ports from 32,768 on (Linux; others from higher) to whoever asks for any: nobody comes upon one below by chance. */
const [FIRST, END] = [10_000, 32_768]

/** So many different free ports, to be listened on in a while. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  for (let tries = 0; ports.size < count; tries += 1) {
    if (tries > 1000) throw new Error(`no free port from ${FIRST} to ${END - 1}`)
    const port = randomInt(FIRST, END)
    if (await isFree(port)) ports.add(port)
  }
  return [...ports]
}

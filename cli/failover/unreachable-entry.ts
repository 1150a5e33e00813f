/**
 * Another entry of the gateway's bundle: the same Worker, bound to vantages and a KV that never answer. Each call hangs for
 * five seconds and then fails, which is worse than failing at once. The bindings are replaced before the Worker's own modules run.
 */
export const UNREACHABLE_BINDINGS = `
import { env } from 'cloudflare:workers'
const never = async () => {
  await new Promise((resolve) => setTimeout(resolve, 5000))
  throw new Error('unreachable')
}
const silent = new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : never) })
const vantages = { idFromName: (name) => name, get: () => silent, getByName: () => silent }
env.VANTAGE = vantages
env.LAST_KNOWN_GOOD = silent
if (env.VANTAGE !== vantages || env.LAST_KNOWN_GOOD !== silent) throw new Error('the bindings cannot be replaced')
`

export const UNREACHABLE_ENTRY = `
import './unreachable-bindings.js'
export { default } from './index.js'
`

/**
 * Another entry of the gateway's bundle: the same Worker, bound to vantages, a director, limiters and a KV that never answer. The
 * bucket of operators is read by those alone. Each call hangs for five seconds and then fails, which is worse than failing at once. The bindings are replaced before the Worker's own modules run.
 */
export const UNREACHABLE_BINDINGS = `
import { env } from 'cloudflare:workers'
const never = async () => {
  await new Promise((resolve) => setTimeout(resolve, 5000))
  throw new Error('unreachable')
}
const silent = new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : never) })
const objects = { idFromName: (name) => name, get: () => silent, getByName: () => silent }
const replaced = { VANTAGE: objects, DIRECTOR: objects, LIMITER: objects, LAST_KNOWN_GOOD: silent }
Object.assign(env, replaced)
for (const name in replaced) if (env[name] !== replaced[name]) throw new Error('the bindings cannot be replaced')
`

export const UNREACHABLE_ENTRY = `
import './unreachable-bindings.js'
export { default } from './index.js'
`

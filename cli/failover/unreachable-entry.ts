/**
 * Another entry of the gateway's bundle: the same Worker, bound to vantages and a KV that never answer. Each call hangs for
 * five seconds and then fails, which is worse than failing at once.
 */
export const UNREACHABLE_ENTRY = `
import gateway from './index.js'
const never = async () => {
  await new Promise((resolve) => setTimeout(resolve, 5000))
  throw new Error('unreachable')
}
const silent = new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : never) })
const vantages = { idFromName: (name) => name, idFromString: (name) => name, newUniqueId: () => 'new', get: () => silent, getByName: () => silent, jurisdiction: () => vantages }
export default {
  fetch: (request, env, context) => gateway.fetch(request, { ...env, VANTAGE: vantages, LAST_KNOWN_GOOD: silent }, context),
}
`

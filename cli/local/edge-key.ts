/** The key with which the local gateway signs for its endpoints: on Cloudflare a secret, here kept in the state folder. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newEdgeKey } from '../edge-key.ts'

/** The secret `EDGE_SIGNING_KEY`, made when there is none. */
export function edgeKey(folder: string): string {
  const file = join(folder, 'edge-key.json')
  if (existsSync(file)) return readFileSync(file, 'utf8')
  const { secret } = newEdgeKey()
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(file, secret, { mode: 0o600 })
  return secret
}

/**
 * The keys of the local issuer, kept in the state folder so that tokens outlive a restart: which one signs now, and which are published. A
 * key signs from its own moment on, so that it can be announced first.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, type JWK } from 'jose'

export interface IssuerKey {
  readonly kid: string
  /** Milliseconds of the machine's clock. */
  readonly signsFrom: number
  /** ES256, private. */
  readonly jwk: JWK
}

/** The oldest first. Never empty. */
export type IssuerKeys = readonly [IssuerKey, ...IssuerKey[]]

/** Published at a time: the one that signs, one announced, one whose tokens are still about. */
const PUBLISHED_MAX = 3
/** What the gateway's limits promise: a key that was published as long ago as this is known wherever it is needed. */
export const ANNOUNCE_MS = 60_000

const fileIn = (folder: string): string => join(folder, 'issuer', 'keys.json')

/** The keys kept in `folder`, made when there are none. */
export async function issuerKeys(folder: string): Promise<IssuerKeys> {
  return readIssuerKeys(folder) ?? keep(folder, [await makeKey(0)])
}

export function readIssuerKeys(folder: string): IssuerKeys | undefined {
  const file = fileIn(folder)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as IssuerKeys) : undefined
}

/** Adds a key that signs from `signsFrom` on, and forgets the oldest beyond what is published. */
export async function addIssuerKey(folder: string, signsFrom: number): Promise<IssuerKeys> {
  const [first, ...rest] = await issuerKeys(folder)
  const all = [first, ...rest, await makeKey(signsFrom)]
  return keep(folder, all.slice(-PUBLISHED_MAX) as unknown as IssuerKeys)
}

/** Of those whose moment has come the newest; else the oldest. */
export function signingKey(keys: IssuerKeys, now: number): IssuerKey {
  return keys.findLast(({ signsFrom }) => signsFrom <= now) ?? keys[0]
}

export const publicKeys = (keys: IssuerKeys): { readonly keys: readonly JWK[] } => ({
  keys: keys.map(({ kid, jwk: { kty, crv, x, y } }) => ({ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }) as JWK),
})

async function makeKey(signsFrom: number): Promise<IssuerKey> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { kid: randomUUID().slice(0, 8), signsFrom, jwk: await exportJWK(privateKey) }
}

function keep(folder: string, keys: IssuerKeys): IssuerKeys {
  const file = fileIn(folder)
  mkdirSync(join(folder, 'issuer'), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, JSON.stringify(keys), { mode: 0o600 })
  renameSync(draft, file)
  return keys
}

/**
 * Certificates for loopback, made once and kept in `.meridian/`: an authority of this checkout with what the sample ingresses and the TLS
 * port serve, one that nobody should accept, and those that clients present. Only what runs here trusts any of them.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Issued, makeAuthority, makeLeaf } from './make-certificate.ts'

export interface LocalCertificates {
  /** Path of the authority's certificate, for `NODE_EXTRA_CA_CERTS`, which the local runtime reads too. */
  readonly authorityFile: string
  /** The same, in PEM. */
  readonly authority: string
  readonly key: string
  readonly certificate: string
  /** Right name, wrong authority, expired yesterday. */
  readonly wrongKey: string
  readonly wrongCertificate: string
  /** What the gateway presents to the sample ingresses, of the same authority as theirs. */
  readonly gatewayKey: string
  readonly gatewayCertificate: string
  /** The one that follows it, and one whose time is over. */
  readonly nextGateway: Issued
  readonly expiredGateway: Issued
  /** Whose clients may come in, in PEM; also in the file `clients.pem`, which `config/local.yaml` names. It vouches for clients alone. */
  readonly clientAuthority: string
  /** Each a file of key and certificate, as `curl --cert` takes it. */
  readonly clients: Readonly<Record<LocalClient, string>>
}

/** One that may come in, one whose certificate has expired, and one of an authority that nobody knows. */
export const LOCAL_CLIENTS = ['ann', 'ann-expired', 'stranger'] as const
export type LocalClient = (typeof LOCAL_CLIENTS)[number]

/** Of the client `ann`. */
export const LOCAL_TRUST_DOMAIN = 'meridian.local'
export const ANN_SPIFFE_ID = `spiffe://${LOCAL_TRUST_DOMAIN}/client/ann`

const DAY_MS = 24 * 60 * 60 * 1000
/** Made again when less than this is left. */
const RENEW_BEFORE_MS = 7 * DAY_MS
const LIFE_MS = 365 * DAY_MS
/** Another when what is kept changes. */
const FORMAT = 4

type Kept = Omit<LocalCertificates, 'authorityFile' | 'clients'> & {
  readonly format: number
  readonly expires: number
  readonly clientFiles: Readonly<Record<LocalClient, string>>
}

/** The certificates kept in `folder`, made when they are missing or about to expire. */
export async function localCertificates(folder: string, now: Date = new Date()): Promise<LocalCertificates> {
  const keptFile = join(folder, 'certificates.json')
  const kept = readKept(keptFile, now) ?? (await makeAndKeep(folder, keptFile, now))
  const { format: _format, expires: _expires, clientFiles: _files, ...certificates } = kept
  return { ...certificates, authorityFile: authorityPath(folder), clients: clientPaths(folder) }
}

const authorityPath = (folder: string): string => join(folder, 'authority.pem')

const clientPaths = (folder: string): Readonly<Record<LocalClient, string>> =>
  Object.fromEntries(LOCAL_CLIENTS.map((client) => [client, join(folder, `${client}.pem`)])) as Record<LocalClient, string>

function readKept(file: string, now: Date): Kept | undefined {
  if (!existsSync(file)) return undefined
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept
  return kept.format === FORMAT && kept.expires - now.getTime() > RENEW_BEFORE_MS ? kept : undefined
}

async function makeAndKeep(folder: string, keptFile: string, now: Date): Promise<Kept> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const made = await makeCertificates(now)
  for (const [client, file] of Object.entries(clientPaths(folder))) replaceFile(file, made.clientFiles[client as LocalClient])
  replaceFile(authorityPath(folder), made.authority)
  replaceFile(join(folder, 'clients.pem'), made.clientAuthority)
  // The last: whoever finds it finds the others.
  replaceFile(keptFile, JSON.stringify(made))
  return made
}

async function makeCertificates(now: Date): Promise<Kept> {
  const day = (count: number): Date => new Date(now.getTime() + count * DAY_MS)
  const expires = now.getTime() + LIFE_MS
  const always = { notBefore: day(-1), notAfter: new Date(expires) }
  const [trusted, clients, stranger] = await Promise.all([
    makeAuthority('Meridian local authority', always),
    makeAuthority('Meridian local clients', always),
    makeAuthority('An authority that nobody trusts', always),
  ])
  const server = {
    subject: 'localhost',
    purpose: 'server',
    names: [
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: '127.0.0.1' },
    ],
  } as const
  const ann = { subject: 'ann', purpose: 'client', names: [{ type: 'url', value: ANN_SPIFFE_ID }] } as const
  const edge = { subject: 'meridian-gateway', purpose: 'client', names: [] } as const
  const [right, wrong, gateway, next, over, good, expired, unknown] = await Promise.all([
    makeLeaf(trusted, { ...server, ...always }),
    makeLeaf(stranger, { ...server, notBefore: day(-2), notAfter: day(-1) }),
    makeLeaf(trusted, { ...edge, ...always }),
    makeLeaf(trusted, { ...edge, ...always }),
    makeLeaf(trusted, { ...edge, notBefore: day(-30), notAfter: day(-1) }),
    makeLeaf(clients, { ...ann, ...always }),
    makeLeaf(clients, { ...ann, notBefore: day(-30), notAfter: day(-1) }),
    makeLeaf(stranger, { ...ann, ...always }),
  ])
  return {
    format: FORMAT,
    expires,
    authority: trusted.certificate.toString('pem'),
    key: right.key,
    certificate: right.certificate,
    wrongKey: wrong.key,
    wrongCertificate: wrong.certificate,
    gatewayKey: gateway.key,
    gatewayCertificate: gateway.certificate,
    nextGateway: next,
    expiredGateway: over,
    clientAuthority: clients.certificate.toString('pem'),
    clientFiles: { ann: both(good), 'ann-expired': both(expired), stranger: both(unknown) },
  }
}

const both = ({ key, certificate }: Issued): string => `${key}\n${certificate}\n`

/** Two starts at once each write whole files; the last one wins and both are good. */
function replaceFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, text, { mode: 0o600 })
  renameSync(draft, path)
}

/**
 * A stand-in for the `wrangler` executable: keeps an account in a file beside it, answers as wrangler 4 prints, and writes
 * down each call. What is asked of it is the deployment's; it refuses what it does not know.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Account {
  readonly calls: string[]
  readonly namespaces: { id: string; title: string }[]
  readonly buckets: string[]
  readonly workers: Record<string, { secrets: Record<string, string>; tag?: string; deploys: number }>
  /** A call that begins like this fails with this text. */
  readonly fail?: { readonly call: string; readonly said: string }
  /** What the control Worker's bundle is. */
  readonly controlBundle: string
}

const file = process.env['FAKE_ACCOUNT']
if (file === undefined) throw new Error('FAKE_ACCOUNT names no file')
const account = JSON.parse(readFileSync(file, 'utf8')) as Account
const args = process.argv.slice(2)
const call = args.join(' ')
const after = (flag: string): string => args[args.indexOf(flag) + 1] ?? ''

function fail(said: string): never {
  process.stderr.write(`✘ [ERROR] ${said}\n`)
  process.exit(1)
}

function deploy(): void {
  const name = /^name = "(.+)"$/m.exec(readFileSync(after('-c'), 'utf8'))?.[1] ?? ''
  if (args.includes('--dry-run')) {
    mkdirSync(after('--outdir'), { recursive: true })
    writeFileSync(join(after('--outdir'), 'index.js'), name === 'meridian-control' ? account.controlBundle : 'gateway')
    return
  }
  const known = account.workers[name] ?? { secrets: {}, deploys: 0 }
  const secrets = args.includes('--secrets-file')
    ? (JSON.parse(readFileSync(after('--secrets-file'), 'utf8')) as Record<string, string>)
    : {}
  const tag = args.includes('--tag') ? { tag: after('--tag') } : {}
  account.workers[name] = { secrets: { ...known.secrets, ...secrets }, deploys: known.deploys + 1, ...tag }
}

function answer(): string {
  if (account.fail !== undefined && call.startsWith(account.fail.call)) fail(account.fail.said)
  const worker = account.workers[after('--name')]
  if (call.startsWith('kv namespace list')) return JSON.stringify(account.namespaces)
  if (call.startsWith('kv namespace create')) account.namespaces.push({ id: 'f00d', title: args[3] ?? '' })
  else if (call.startsWith('r2 bucket info')) {
    if (!account.buckets.includes(args[3] ?? ''))
      fail('A request to the Cloudflare API failed. The specified bucket does not exist. [code: 10006]')
    return JSON.stringify({ name: args[3] })
  } else if (call.startsWith('r2 bucket create')) account.buckets.push(args[3] ?? '')
  else if (call.startsWith('secret list'))
    return JSON.stringify(Object.keys((worker ?? fail(`Worker "${after('--name')}" not found.`)).secrets).map((name) => ({ name })))
  else if (call.startsWith('deployments status')) {
    if (worker === undefined) fail('A request to the Cloudflare API failed. This Worker does not exist on your account. [code: 10007]')
    return JSON.stringify({ versions: [{ version_id: 'v1', percentage: 100 }] })
  } else if (call.startsWith('versions view')) return JSON.stringify({ annotations: { 'workers/tag': worker?.tag } })
  else if (call.startsWith('deploy')) deploy()
  else fail(`Unknown command: ${call}`)
  return ''
}

const keep = () => writeFileSync(file, JSON.stringify(account))
account.calls.push(call)
keep()
process.stdout.write(`${answer()}\n`)
keep()

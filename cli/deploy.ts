#!/usr/bin/env node
/**
 * `npm run deploy [-- --dry-run]`: sets Meridian up on Cloudflare, or brings it up to date. Makes what is missing (namespace, bucket,
 * secrets), ships the control Worker only when it changed, then the gateway. Running it again does nothing twice.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  BUCKET,
  CONTROL,
  controlTag,
  GATEWAY,
  type MissingSecrets,
  missingSecrets,
  NAMESPACE,
  SECRETS,
  withNamespaceId,
} from './deploy/plan.ts'
import { deployedTag, hasBucket, namespaceId, StepFailed, secretNames, wrangler } from './deploy/wrangler.ts'

const HELP = `npm run deploy [-- --dry-run]

Sets Meridian up on Cloudflare: the namespace, bucket and secrets that are missing, the control Worker when it changed, the gateway.

  --dry-run   say what would be done, and build both Workers without uploading them; needs no account`

const root = resolve(import.meta.dirname, '..')
const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => !['--dry-run', '--help'].includes(arg))
  if (unknown !== undefined || args.includes('--help')) {
    say(unknown === undefined ? HELP : `unknown option ${unknown}\n\n${HELP}`)
    return unknown === undefined ? 0 : 2
  }
  const folder = mkdtempSync(join(tmpdir(), 'meridian-deploy-'))
  try {
    await (args.includes('--dry-run') ? dryRun(folder) : deploy(folder))
    return 0
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error
    process.stderr.write(`\n${error.message}:\n${error.said.trim()}\n\nNothing after this step was done. It is safe to run it again.\n`)
    return 1
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function dryRun(folder: string): Promise<void> {
  say(`Would find or make the KV namespace ${NAMESPACE.title}, and write its id into ${GATEWAY.config} and ${CONTROL.config}.`)
  say(`Would find or make the R2 bucket ${BUCKET}.`)
  for (const { name, workers, what } of SECRETS) say(`Would make the secret ${name} (${what}) where it is missing: ${workers.join(', ')}.`)
  const tag = await buildBoth(folder)
  say(`Would deploy ${CONTROL.name} as ${tag}, unless that is what runs.`)
  say(`Would deploy ${GATEWAY.name}.`)
}

async function deploy(folder: string): Promise<void> {
  refuseSampleHosts()
  step('Namespace')
  recordNamespace(await findOrMakeNamespace())

  step('Bucket')
  await findOrMakeBucket()

  step('Build')
  const tag = await buildBoth(folder)

  step('Secrets')
  const workers = [...new Set(SECRETS.flatMap((secret) => secret.workers))]
  const present = new Map<string, ReadonlySet<string>>()
  for (const worker of workers) present.set(worker, await secretNames(worker))
  const missing = missingSecrets(present)
  say(missing.names.length === 0 ? 'All are there.' : `Missing, made anew: ${missing.names.join(', ')}.`)

  step('Control')
  if ((await deployedTag(CONTROL.name)) === tag && !missing.values.has(CONTROL.name)) say(`${tag} runs already.`)
  else await ship(CONTROL, ['--tag', tag, '--message', 'npm run deploy'], missing, folder)

  step('Gateway')
  await ship(GATEWAY, [], missing, folder)
  showToken(missing)
}

const step = (name: string): void => say(`\n== ${name}`)

/** The sample's hosts are nobody's: Cloudflare would refuse them after half of the work. */
function refuseSampleHosts(): void {
  if (!/^routes = .*\bexample\.com/m.test(readFileSync(join(root, GATEWAY.config), 'utf8'))) return
  throw new StepFailed(
    'This configuration cannot be deployed',
    `routes in ${GATEWAY.config} still names example.com: name the hosts that config/gateway.yaml serves`,
  )
}

async function findOrMakeNamespace(): Promise<string> {
  const found = await namespaceId(NAMESPACE.title)
  if (found !== undefined) {
    say(`${NAMESPACE.title} is there: ${found}.`)
    return found
  }
  await wrangler(['kv', 'namespace', 'create', NAMESPACE.title, '--update-config=false'], { show: true })
  const made = await namespaceId(NAMESPACE.title)
  if (made === undefined) throw new StepFailed('The namespace was not found', `${NAMESPACE.title} was made, but is not listed yet`)
  return made
}

async function findOrMakeBucket(): Promise<void> {
  if (await hasBucket(BUCKET)) say(`${BUCKET} is there.`)
  else await wrangler(['r2', 'bucket', 'create', BUCKET, '--update-config=false'], { show: true })
}

function recordNamespace(id: string): void {
  for (const { config } of [CONTROL, GATEWAY]) {
    const file = join(root, config)
    const toml = readFileSync(file, 'utf8')
    const recorded = withNamespaceId(toml, id)
    if (recorded === undefined) throw new StepFailed('The namespace cannot be recorded', `${config} has no KV binding ${NAMESPACE.binding}`)
    if (recorded === toml) continue
    writeFileSync(file, recorded)
    say(`Wrote its id into ${config}: commit it.`)
  }
}

/** Builds both Workers as they would be uploaded; gives the tag of the control Worker. A defect in the configuration ends it here. */
async function buildBoth(folder: string): Promise<string> {
  for (const { name, config } of [CONTROL, GATEWAY]) {
    await wrangler(['deploy', '--dry-run', '-c', join(root, config), '--outdir', join(folder, name)])
    say(`${name} builds.`)
  }
  return controlTag(readFileSync(join(folder, CONTROL.name, 'index.js'), 'utf8'), readFileSync(join(root, CONTROL.config), 'utf8'))
}

/** Uploads a Worker together with the secrets that it lacks, so that it never runs without them. Other secrets stay. */
async function ship(
  worker: { name: string; config: string },
  flags: readonly string[],
  missing: MissingSecrets,
  folder: string,
): Promise<void> {
  const secrets = missing.values.get(worker.name)
  const file = join(folder, `${worker.name}.json`)
  if (secrets !== undefined) writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 })
  await wrangler(['deploy', '-c', join(root, worker.config), ...flags, ...(secrets === undefined ? [] : ['--secrets-file', file])], {
    show: true,
  })
}

function showToken({ values }: MissingSecrets): void {
  const token = values.get(GATEWAY.name)?.['OPERATOR_TOKEN']
  if (token !== undefined)
    say(`\nOPERATOR_TOKEN=${token}\nKeep it: it is shown this once. \`npx meridian status --url https://HOST --token …\` needs it.`)
}

process.exitCode = await main(process.argv.slice(2))

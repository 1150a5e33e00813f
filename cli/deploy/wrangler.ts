/**
 * What the deployment asks of Cloudflare, each question and each change one call of the `wrangler` on the PATH. A question that
 * cannot be answered rejects: "I could not read it" must never be taken for "it is not there".
 */
import { spawn } from 'node:child_process'

/** Said by wrangler of a Worker that was never deployed. Anything else is a failure to read. */
const NEVER_DEPLOYED = /\[code: (10007|10090)\]|Worker "[^"]+"[^\n]* not found|has no deployments/

/** A step that could not be done: `message` says which, `said` why. */
export class StepFailed extends Error {
  readonly said: string
  constructor(what: string, said: string) {
    super(what)
    this.said = said
  }
}

const failedRun = (args: readonly string[], said: string): StepFailed => new StepFailed(`wrangler ${args.join(' ')} failed`, said)

/** Runs wrangler to its end and gives its standard output. `show`: the operator sees what it says while it runs. */
export function wrangler(args: readonly string[], { show = false } = {}): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn('wrangler', args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, WRANGLER_SEND_METRICS: 'false' } })
    const said: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text
        if (show) process[stream].write(text)
      })
    }
    child.on('error', (error) => failed(failedRun(args, error.message)))
    child.on('close', (code) => (code === 0 ? done(said.stdout) : failed(failedRun(args, said.stderr + said.stdout))))
  })
}

/** Reads JSON that wrangler prints, whatever it says around it. */
async function ask<T>(args: readonly string[]): Promise<T> {
  const said = await wrangler(args)
  const start = said.search(/[[{]/)
  try {
    return JSON.parse(said.slice(start)) as T
  } catch {
    throw failedRun(args, `an answer that is no JSON: ${said.slice(0, 500)}`)
  }
}

/** The same, or undefined when the Worker that it is about was never deployed. */
async function askAboutWorker<T>(args: readonly string[]): Promise<T | undefined> {
  try {
    return await ask<T>(args)
  } catch (error) {
    if (error instanceof StepFailed && NEVER_DEPLOYED.test(error.said)) return undefined
    throw error
  }
}

/** The id of the KV namespace with this title; undefined when there is none. */
export async function namespaceId(title: string): Promise<string | undefined> {
  const all = await ask<readonly { readonly id: string; readonly title: string }[]>(['kv', 'namespace', 'list'])
  return all.find((namespace) => namespace.title === title)?.id
}

/** Said by wrangler of a bucket that was never made. */
const NO_BUCKET = /\[code: 10006\]|specified bucket does not exist/

/** Whether the account has the bucket. */
export async function hasBucket(name: string): Promise<boolean> {
  try {
    await wrangler(['r2', 'bucket', 'info', name, '--json'])
    return true
  } catch (error) {
    if (error instanceof StepFailed && NO_BUCKET.test(error.said)) return false
    throw error
  }
}

/** Names of the secrets that a Worker has; none when it was never deployed. */
export async function secretNames(worker: string): Promise<ReadonlySet<string>> {
  const secrets = await askAboutWorker<readonly { readonly name: string }[]>(['secret', 'list', '--name', worker, '--format', 'json'])
  return new Set(secrets?.map(({ name }) => name))
}

interface Deployment {
  readonly versions: readonly { readonly version_id: string; readonly percentage: number }[]
}

/**
 * The tag of the version that takes all of a Worker's traffic. Undefined when it was never deployed, has no tag, or is split
 * between versions: then nobody can say that it is unchanged.
 */
export async function deployedTag(worker: string): Promise<string | undefined> {
  const deployment = await askAboutWorker<Deployment>(['deployments', 'status', '--name', worker, '--json'])
  const [version, ...others] = deployment?.versions ?? []
  if (version === undefined || others.length > 0) return undefined
  const { annotations } = await ask<{ readonly annotations?: Readonly<Record<string, string>> }>([
    'versions',
    'view',
    version.version_id,
    '--name',
    worker,
    '--json',
  ])
  return annotations?.['workers/tag']
}

/** `wrangler dev` with both Workers, as a child in a process group of its own: nothing of it stays behind, and its talk goes to a log. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { GatewayFiles } from './gateway-files.ts'
import { PROJECT } from './run-file.ts'

export interface WranglerOptions {
  readonly files: GatewayFiles
  readonly port: number
  readonly folder: string
  /** The certificate authority of the samples, trusted beside the public ones. */
  readonly authorityFile: string
  /** Where objects and stores are kept; wrangler's own place when absent, which `wrangler kv|r2 …` use too. */
  readonly persistTo?: string
  readonly onLine: (line: string) => void
}

export interface WranglerDev {
  readonly logFile: string
  /** Resolves with how it ended, whoever ended it. */
  readonly ended: Promise<string>
  /** Resolves when it has taken up a changed bundle, or after `withinMs`. */
  readonly reloaded: (withinMs: number) => Promise<boolean>
  /** The last lines it said. */
  readonly lastLines: () => readonly string[]
  readonly stop: () => Promise<void>
}

const LAST_LINES = 40
/** Room for wrangler to end its runtime before the group is killed. */
const END_MS = 5_000
const RELOADED = /Local server updated and ready/

export function startWrangler(options: WranglerOptions): WranglerDev {
  mkdirSync(options.folder, { recursive: true })
  const logFile = join(options.folder, 'gateway.log')
  const log = createWriteStream(logFile)
  const child = spawn(
    process.execPath,
    ['--no-warnings', join(PROJECT, 'node_modules/wrangler/wrangler-dist/cli.js'), ...wranglerArguments(options)],
    {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Of its own group: Ctrl-C in the terminal is for us to pass on, and the group can be ended as a whole.
      detached: true,
      env: {
        ...process.env,
        NODE_EXTRA_CA_CERTS: options.authorityFile,
        WRANGLER_REGISTRY_PATH: join(options.folder, 'registry'),
        WRANGLER_LOG_PATH: join(options.folder, 'wrangler-logs'),
        WRANGLER_SEND_METRICS: 'false',
        FORCE_COLOR: '0',
      },
    },
  )
  const lines: string[] = []
  const waiting = new Set<() => void>()
  const take = (line: string): void => {
    log.write(`${line}\n`)
    lines.push(line)
    if (lines.length > LAST_LINES) lines.shift()
    if (RELOADED.test(line)) for (const resolve of waiting) resolve()
    options.onLine(line)
  }
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', take)
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`))
  })
  return {
    logFile,
    ended,
    reloaded: (withinMs) => waitForReload(waiting, withinMs),
    lastLines: () => lines,
    stop: () => endGroup(child, ended),
  }
}

function wranglerArguments({ files, port, persistTo }: WranglerOptions): string[] {
  return [
    'dev',
    ...files.configs.flatMap((config) => ['-c', config]),
    ...['--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0'],
    ...['--show-interactive-dev-session=false', '--infer-origin-from-routes=false'],
    ...['--persist-to', persistTo ?? join(PROJECT, '.wrangler/state')],
  ]
}

function waitForReload(waiting: Set<() => void>, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (reloaded: boolean): void => {
      clearTimeout(timer)
      waiting.delete(yes)
      resolve(reloaded)
    }
    const yes = (): void => done(true)
    const timer = setTimeout(() => done(false), withinMs)
    waiting.add(yes)
  })
}

/** Asks, waits, then kills what is left of the group. */
async function endGroup(child: ChildProcess, ended: Promise<string>): Promise<void> {
  const { pid } = child
  if (pid === undefined) return
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
  const timer = setTimeout(() => killGroup(pid), END_MS)
  await ended
  clearTimeout(timer)
  killGroup(pid)
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing is left of it.
  }
}

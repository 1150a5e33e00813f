/** What can be said to `npm start`, and whether it can start at all with that. */
import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ISSUER_PORTS } from './issuer.ts'
import { isFree } from './ports.ts'
import { readRun } from './run-file.ts'
import { SAMPLE_REGIONS } from './sample-regions.ts'

export const HELP = `Runs the gateway on this machine, with three sample regions in three clouds.

  npm start                                     on http://localhost:8787
  npm start -- --port 8788                      on another port
  npm start -- --mtls                           also on https://localhost:8443, which asks for client certificates
  npm start -- --config FILE                    your own configuration, without sample regions
  npm start -- --free-ports                     all but the gateway on any free ports
  npm start -- --verbose                        with all that the local runtime says

MERIDIAN_STATE=FOLDER keeps certificates and state elsewhere than in .meridian, for a second start beside the first.
Break a region with: npm run region -- aws-use1 refuse
`

export interface StartOptions {
  readonly port: number
  /** Absent: the sample configuration with the sample regions. */
  readonly config?: string
  readonly mtls: boolean
  readonly freePorts: boolean
  readonly verbose: boolean
}

export const TLS_PORT = 8443

/** The options, or what to say in place of starting: `HELP` when it was asked for. */
export function readStartOptions(args: readonly string[]): StartOptions | string {
  let values: { config?: string; port?: string; mtls?: boolean; 'free-ports'?: boolean; verbose?: boolean; help?: boolean }
  try {
    values = parseArgs({
      args: [...args],
      options: {
        config: { type: 'string' },
        port: { type: 'string' },
        mtls: { type: 'boolean' },
        'free-ports': { type: 'boolean' },
        verbose: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    return `${(error as Error).message}\n\n${HELP}`
  }
  if (values.help === true) return HELP
  const port = Number(values.port ?? 8787)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return `--port takes a port from 1 to 65535, got "${values.port}"\n\n${HELP}`
  return {
    port,
    mtls: values.mtls === true,
    freePorts: values['free-ports'] === true,
    verbose: values.verbose === true,
    ...(values.config === undefined ? {} : { config: resolve(process.env['INIT_CWD'] ?? process.cwd(), values.config) }),
  }
}

/** Why it cannot start, found before anything is. */
export async function findProblem({ port, config, freePorts, mtls }: StartOptions): Promise<string | undefined> {
  const running = readRun()
  if (running.ok)
    return `Meridian runs here already, on ${running.value.url} (process ${running.value.pid}). Stop it first, or start another beside it:
  MERIDIAN_STATE=.meridian/second npm start -- --port ${port + 1} --free-ports`
  if (config !== undefined && !existsSync(config)) return `There is no configuration ${shown(config)}.`
  if (!(await isFree(port))) return `Port ${port} is taken. Choose another: npm start -- --port ${port + 1}`
  if (freePorts) return undefined
  if (mtls && !(await isFree(TLS_PORT)))
    return `Port ${TLS_PORT} is taken, which --mtls wants. Let it take any free one: npm start -- --mtls --free-ports`
  return config === undefined ? findTakenPort() : undefined
}

async function findTakenPort(): Promise<string | undefined> {
  for (const { id, ports } of SAMPLE_REGIONS)
    for (const [what, taken] of Object.entries(ports))
      if (!(await isFree(taken)))
        return `Port ${taken} is taken, the ${what} port of the sample region ${id}. Let the samples take any free ports: npm start -- --free-ports`
  for (const [what, taken] of Object.entries(ISSUER_PORTS))
    if (!(await isFree(taken)))
      return `Port ${taken} is taken, the ${what} port of the local issuer. Let it take any free one: npm start -- --free-ports`
  return undefined
}

/** A file as people call it where they are. */
export const shown = (file: string): string => {
  const short = relative(process.env['INIT_CWD'] ?? process.cwd(), file)
  return short.startsWith('..') ? file : short
}

/** `npx meridian COMMAND`: finds the command and runs it. What a command does stands in a file of its own, loaded when asked for. */
import { readFileSync } from 'node:fs'

export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** Answers the exit code: 0 done, 1 done and the answer is bad news, 2 could not be done. Each knows `--help`. */
  readonly run: (args: readonly string[]) => Promise<number>
}

const COMMANDS: readonly Command[] = [
  {
    name: 'check',
    summary: 'names every defect of a gateway configuration, with its place',
    run: async (args) => (await import('./check.ts')).check(args),
  },
  {
    name: 'edge-key',
    summary: 'makes a key with which the edge signs tokens for endpoints',
    run: async (args) => (await import('./edge-key.ts')).edgeKey(args),
  },
  {
    name: 'token',
    summary: 'makes a token of the local issuer, to try with',
    run: async (args) => (await import('./token.ts')).token(args),
  },
  {
    name: 'fault-token',
    summary: "signs a header that opens the gate of a route's faults",
    run: async (args) => (await import('./fault-token.ts')).faultToken(args),
  },
  {
    name: 'release-override',
    summary: 'signs a token that puts whoever shows it on one track of a release',
    run: async (args) => (await import('./release-override.ts')).releaseOverride(args),
  },
  {
    name: 'import',
    summary: 'writes a gateway configuration from that of a mesh: gateway-api',
    run: async (args) => (await import('./import.ts')).importCommand(args),
  },
  {
    name: 'status',
    summary: 'shows pools, endpoints, verdicts, votes and the reasons for them',
    run: async (args) => (await import('./status.ts')).status(args),
  },
  {
    name: 'explain',
    summary: 'says where a request would go and why, without sending it',
    run: async (args) => (await import('./explain.ts')).explain(args),
  },
  {
    name: 'plan',
    summary: 'says what a change would do: who moves, what survivors carry, how fast it fails over, what it costs',
    run: async (args) => (await import('./plan.ts')).plan(args),
  },
  {
    name: 'weights',
    summary: 'shows and changes the weights of endpoints, without a deploy: get, set, clear, watch',
    run: async (args) => (await import('./weights.ts')).weights(args),
  },
  {
    name: 'drain',
    summary: 'takes an endpoint, a region or a cloud out, at once or little by little, for a while or until undrain',
    run: async (args) => (await import('./drain.ts')).drain(args),
  },
  {
    name: 'undrain',
    summary: 'brings back what was drained',
    run: async (args) => (await import('./drain.ts')).undrain(args),
  },
  {
    name: 'release',
    summary: 'shows how releases stand, and moves them: start, pause, resume, approve, promote, rollback, kill, set',
    run: async (args) => (await import('./release.ts')).release(args),
  },
  {
    name: 'revisions',
    summary: 'lists what was in force before',
    run: async (args) => (await import('./revisions.ts')).revisions(args),
  },
  {
    name: 'revert',
    summary: 'puts a former revision in force again',
    run: async (args) => (await import('./revisions.ts')).revert(args),
  },
  {
    name: 'audit',
    summary: 'says who changed what, when and why; --all --json exports it',
    run: async (args) => (await import('./revisions.ts')).audit(args),
  },
  {
    name: 'drift',
    summary: 'lists every field that is not as the configuration says',
    run: async (args) => (await import('./revisions.ts')).drift(args),
  },
]

function help(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length))
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return `npx meridian COMMAND [OPTIONS]\n\n${lines.join('\n')}\n\nnpx meridian COMMAND --help says more, npx meridian --version which it is. Exit codes: 0 good, 1 bad news, 2 could not be done.\n`
}

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === '--version' || name === '-v') {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
    process.stdout.write(`meridian ${version}\n`)
    return 0
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const toStandardOutput = name !== undefined
    ;(toStandardOutput ? process.stdout : process.stderr).write(help())
    return toStandardOutput ? 0 : 2
  }
  const command = COMMANDS.find((one) => one.name === name)
  if (command !== undefined) return command.run(args)
  const { didYouMean } = await import('../config/suggest.ts')
  const hint = didYouMean(
    name,
    COMMANDS.map((one) => one.name),
  )
  process.stderr.write(`There is no command "${name}"${hint === undefined ? '' : `; ${hint}`}\n\n${help()}`)
  return 2
}

// `meridian check | head`: whoever reads has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`meridian: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}

/** `npm run region -- aws-use1 refuse`: breaks or heals a sample region of a running `npm start`. */
import { faultHelp, parseFault } from './local/faults.ts'
import { type RunFile, type RunningRegion, readRun } from './local/run-file.ts'
import { readControl, setFault } from './local/sample-ingress.ts'

const HELP = `Breaks or heals a sample region of the running gateway.

  npm run region                          how each region is
  npm run region -- REGION FAULT          for example: aws-use1 refuse
  npm run region -- all heal

Faults:
${faultHelp()}
`

/** Answers the exit code: 0 done, 2 could not be done. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(HELP)
    return 0
  }
  const run = readRun()
  if (!run.ok) return complain(run.error)
  if (run.value.regions.length === 0) return complain(`the running gateway serves ${run.value.config}, without sample regions`)
  const [name, ...words] = args
  if (name === undefined) return list(run.value)
  const chosen = run.value.regions.filter(({ id }) => name === 'all' || id === name)
  if (chosen.length === 0)
    return complain(`unknown region "${name}"; known are: ${run.value.regions.map(({ id }) => id).join(', ')} and all`)
  if (words.length === 0) return complain(`say what to do with ${name}:\n${faultHelp()}`)
  const fault = parseFault(words)
  if (!fault.ok) return complain(fault.error)
  return breakRegions(chosen, words.join(' '))
}

async function breakRegions(regions: readonly RunningRegion[], words: string): Promise<number> {
  let code = 0
  for (const { id, cloud, region, ports } of regions) {
    try {
      const state = await setFault(ports, words)
      process.stdout.write(`${id} (${cloud} ${region}): ${state.fault}\n`)
    } catch (error) {
      code = complain(`${id} cannot be told: ${(error as Error).message}`)
    }
  }
  return code
}

async function list(run: RunFile): Promise<number> {
  for (const { id, cloud, region, ports } of run.regions) {
    const state = await readControl(ports).catch((error: Error) => ({ fault: `cannot be asked: ${error.message}`, requests: 0 }))
    process.stdout.write(`${id.padEnd(12)} ${`${cloud} ${region}`.padEnd(24)} ${state.fault.padEnd(14)} ${state.requests} requests\n`)
  }
  return 0
}

function complain(problem: string): number {
  process.stderr.write(`${problem}\n`)
  return 2
}

process.exitCode = await main(process.argv.slice(2))

/** `npm run issuer`: rotates the keys of the local issuer of a running `npm start`, breaks it or heals it. */
import { faultHelp, parseFault } from './local/faults.ts'
import { ANNOUNCE_MS, addIssuerKey, issuerKeys, signingKey } from './local/issuer-keys.ts'
import { type RunFile, readRun, stateFolder } from './local/run-file.ts'
import { readControl, setFault } from './local/sample-ingress.ts'

const HELP = `The local issuer of tokens, whose keys the running gateway fetches.

  npm run issuer                          how it is, and its keys
  npm run issuer -- rotate                a new key that signs at once: for a moment its tokens are answered 401
  npm run issuer -- rotate --announce     a new key that signs ${ANNOUNCE_MS / 1000} s after it was published: no token is refused
  npm run issuer -- FAULT                 for example: refuse; tokens count on with the keys that are known
  npm run issuer -- heal

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
  const { issuer, config } = run.value
  if (issuer === undefined) return complain(`the running gateway serves ${config}, without the local issuer`)
  if (args.length === 0) return show(issuer)
  if (args[0] === 'rotate') return rotate(args.slice(1))
  const fault = parseFault(args)
  if (!fault.ok) return complain(fault.error.replace(/ and heal$/, ', heal and rotate'))
  const state = await setFault(issuer.ports, args.join(' '))
  process.stdout.write(`issuer (${issuer.url}): ${state.fault}\n`)
  return 0
}

async function rotate(args: readonly string[]): Promise<number> {
  const announced = args[0] === '--announce'
  if (args.length > (announced ? 1 : 0)) return complain(`rotate takes --announce or nothing, got "${args.join(' ')}"`)
  const keys = await addIssuerKey(stateFolder(), Date.now() + (announced ? ANNOUNCE_MS : 0))
  const { kid } = keys.at(-1) ?? keys[0]
  process.stdout.write(`key ${kid} is published, and ${announced ? `signs in ${ANNOUNCE_MS / 1000} s` : 'signs'}\n`)
  return 0
}

async function show({ url, ports }: NonNullable<RunFile['issuer']>): Promise<number> {
  const state = await readControl(ports).catch((error: Error) => ({ fault: `cannot be asked: ${error.message}`, requests: 0 }))
  process.stdout.write(`issuer ${url}   ${state.fault}   ${state.requests} requests\n`)
  const keys = await issuerKeys(stateFolder())
  const now = Date.now()
  for (const key of keys) {
    const wait = Math.ceil((key.signsFrom - now) / 1000)
    const says = wait > 0 ? `signs in ${wait} s` : key === signingKey(keys, now) ? 'signs' : 'of before: its tokens still count'
    process.stdout.write(`  key ${key.kid}   ${says}\n`)
  }
  return 0
}

function complain(problem: string): number {
  process.stderr.write(`${problem}\n`)
  return 2
}

process.exitCode = await main(process.argv.slice(2))

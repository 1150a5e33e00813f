/** `npx meridian status [--watch] [--json]`: what the health plane holds, and why, in the terminal. */
import { parseArgs } from 'node:util'
import type { Result } from '../config/result.ts'
import type { StatusDocument } from '../config/status.ts'
import { findGateway, type GatewayAddress } from './find-gateway.ts'
import { fetchStatus } from './status/fetch-status.ts'
import { narrowStatus } from './status/narrow-status.ts'
import { essence, renderStatus } from './status/render-status.ts'
import { watch } from './status/watch.ts'

const HELP = `Shows pools, endpoints, verdicts, votes and the reasons for them.

  npx meridian status [--watch] [--json] [--pool NAME] [--endpoint NAME] [--url URL] [--token TOKEN]

  --pool      only this pool; may be repeated
  --endpoint  only this endpoint; may be repeated
  --watch   goes on, once a second; in a pipe, a new picture whenever something changed
  --json    the status document as it is; with --watch one a line
  --url     of the gateway; default: the one that npm start runs here
  --token   the operator token; default: the one of that run

Exit codes: 0 shown, 2 could not be asked.
`
/** Answers the exit code: 0 done, 2 could not be done. */
export async function status(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      watch: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      pool: { type: 'string', multiple: true, default: [] },
      endpoint: { type: 'string', multiple: true, default: [] },
      url: { type: 'string' },
      token: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const address = findGateway(values.url, values.token)
  if (typeof address === 'string') return complain(address)
  const ask = async (): Promise<Result<StatusDocument, string>> => {
    const answer = await fetchStatus(address)
    return answer.ok ? narrowStatus(answer.value, { pools: values.pool, endpoints: values.endpoint }) : answer
  }
  if (values.watch) return watch({ url: address.url, json: values.json, ask, essence, draw: (document) => picture(document, address) })
  const answer = await ask()
  if (!answer.ok) return complain(answer.error)
  process.stdout.write(values.json ? `${JSON.stringify(answer.value)}\n` : `${picture(answer.value, address).join('\n')}\n`)
  return 0
}

const picture = (document: StatusDocument, address: GatewayAddress): string[] =>
  renderStatus(document, { url: address.url, columns: width() })

/** In a pipe nothing is cut. */
const width = (): number => (process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY)

function complain(problem: string): number {
  process.stderr.write(`${problem}\n`)
  return 2
}

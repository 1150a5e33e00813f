/** Which gateway a command asks, and with which token: what the user says, else the one that `npm start` runs here. */
import { readRun } from './local/run-file.ts'

export interface GatewayAddress {
  readonly url: string
  readonly token?: string
}

/** The address, or why it is not known. */
export function findGateway(url: string | undefined, token: string | undefined): GatewayAddress | string {
  if (url !== undefined && !URL.canParse(url)) return `"${url}" is no URL; expected one such as http://localhost:8787`
  const run = readRun()
  if (url === undefined) return run.ok ? { url: run.value.url, token: token ?? run.value.token } : run.error
  const known =
    token ??
    process.env['MERIDIAN_TOKEN'] ??
    (run.ok && new URL(run.value.url).origin === new URL(url).origin ? run.value.token : undefined)
  return { url, ...(known === undefined ? {} : { token: known }) }
}

/** Makes sure that a gateway is measured with its health plane on: a plane that fails quietly would be measured as free. */
import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StatusDocument } from '../config/status.ts'
import { OPERATOR_TOKEN, type Subject } from './subjects.ts'

/** First probes, votes and verdicts take some seconds. */
const VERDICTS_MS_MAX = 15_000
const STATUS = '/.well-known/meridian/status'

/** Resolves when every vantage holds every endpoint up; rejects when that takes too long. */
export async function healthOn(gateway: Subject): Promise<void> {
  const deadline = Date.now() + VERDICTS_MS_MAX
  for (;;) {
    // A request teaches the vantages what there is to probe.
    await ask(gateway, '/bytes/1')
    const said = await ask(gateway, STATUS)
    if (allUp(said)) return
    if (Date.now() > deadline) throw new Error(`the health plane is not on: ${said.slice(0, 300)}`)
    await sleep(200)
  }
}

function allUp(said: string): boolean {
  if (!said.startsWith('{')) return false
  const { vantages } = JSON.parse(said) as Partial<StatusDocument>
  if (vantages === undefined || vantages.length === 0) return false
  return vantages.every(
    (each) => each.answered && each.status.endpoints.length > 0 && each.status.endpoints.every(({ verdict }) => verdict === 'up'),
  )
}

function ask({ port, host }: Subject, path: string): Promise<string> {
  return new Promise((answered, failed) => {
    const headers = { host, authorization: `Bearer ${OPERATOR_TOKEN}` }
    get({ host: '127.0.0.1', port, path, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.once('end', () => answered(text))
    }).once('error', failed)
  })
}

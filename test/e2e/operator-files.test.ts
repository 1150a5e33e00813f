/** `weights.json` and `emergency.json` by the commands that `npm start` says, with the real wrangler, against the running gateway. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePorts } from '../../cli/local/ports.ts'
import type { WeightsResult } from '../../config/operator-files/weights-result.ts'
import type { StatusDocument } from '../../config/status.ts'
import { Running, run, until } from './run-cli.ts'

const START_MS = 90_000
/** Room for a busy machine; how long it takes on one that is not is what `npm run spread` measures. */
const IN_FORCE_MS = 30_000

describe.runIf(process.platform === 'linux')('the files of operators', () => {
  const state = mkdtempSync(join(tmpdir(), 'meridian-e2e-'))
  const env = { MERIDIAN_STATE: state, WRANGLER_SEND_METRICS: 'false', WRANGLER_LOG_PATH: join(state, 'wrangler-logs') }
  let url = ''
  let start: Running

  beforeAll(async () => {
    const [port = 0] = await freePorts(1)
    url = `http://localhost:${port}`
    start = new Running('cli/start.ts', ['--free-ports', '--port', String(port)], env)
    await start.says(/Ctrl-C stops everything/, START_MS)
  })
  afterAll(async () => {
    start.child.kill('SIGTERM')
    await start.ends(15_000)
    rmSync(state, { recursive: true, force: true })
  })

  /** As the banner says it, for another object or verb. */
  async function wrangler(verb: 'put' | 'get' | 'delete', object: string, ...more: readonly string[]): Promise<string> {
    const [, persistTo] =
      /r2 object put meridian-operators\/weights\.json --file weights\.json --persist-to (\S+)/.exec(
        stripVTControlCharacters(start.said),
      ) ?? []
    if (persistTo === undefined) throw new Error('the banner does not say where the state is')
    const args = ['r2', 'object', verb, `meridian-operators/${object}`, ...more, '--persist-to', persistTo]
    const { code, stdout, stderr } = await run('node_modules/wrangler/bin/wrangler.js', args, env)
    if (code !== 0) throw new Error(`wrangler ${args.join(' ')} failed:\n${stdout}${stderr}`)
    return stdout
  }
  async function put(object: string, content: unknown): Promise<void> {
    const file = join(state, object)
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
    await wrangler('put', object, '--file', file)
  }
  const result = async (): Promise<WeightsResult> => {
    const said = await wrangler('get', 'weights.result.json', '--pipe')
    return JSON.parse(said.slice(said.indexOf('{'))) as WeightsResult
  }
  const weights = (weights: object): object => ({ version: 1, reason: 'a drill', by: 'ann', pools: { spread: weights } })

  const ask = async (): Promise<string | null> => {
    const response = await fetch(`${url}/spread`, { signal: AbortSignal.timeout(15_000) })
    await response.arrayBuffer()
    return response.headers.get('meridian-endpoint')
  }
  /** Ten answers in a row: by their deployed weights one in 170,000 tens would be of gcp alone. */
  const answersOnly = (endpoint: string): Promise<void> =>
    until(`answers of ${endpoint} alone`, IN_FORCE_MS, async () => {
      for (let count = 0; count < 10; count += 1) if ((await ask()) !== endpoint) return false
      return true
    })

  test('weights are in force, and answered', async () => {
    await ask()
    await put('weights.json', weights({ 'spread-aws-use1': 0, 'spread-gcp-euw1': 10_000, 'spread-azure-sea': 1 }))
    await answersOnly('spread-gcp-euw1')
    expect(await result()).toMatchObject({ accepted: true, changed: true, revision: 1, defects: [] })
  })

  test('an emergency takes more away, and its end gives it back', async () => {
    await put('emergency.json', { version: 1, reason: 'fire', by: 'ann', drain: ['gcp'] })
    await answersOnly('spread-azure-sea')
    const { stdout } = await run('cli/meridian.mjs', ['status', '--json'], env)
    const { vantages } = JSON.parse(stdout) as StatusDocument
    const held = vantages.map((each) => each.answered && each.status.emergency?.held)
    expect(held).toEqual(vantages.map(() => expect.objectContaining({ drain: ['gcp'], reason: 'fire', by: 'ann' })))
    await wrangler('delete', 'emergency.json')
    await answersOnly('spread-gcp-euw1')
  })

  test('a file with defects changes nothing, and says all of them', async () => {
    await put('weights.json', { ...weights({ 'spread-aws-use1': '5%', 'aws-use1': 1 }), wait: true })
    let last: WeightsResult | undefined
    await until('the answer to it', IN_FORCE_MS, async () => {
      last = await result()
      return !last.accepted
    })
    expect(last).toMatchObject({ changed: false, revision: 1 })
    expect(last?.defects.map(({ path }) => path)).toEqual(['wait', 'pools.spread.spread-aws-use1', 'pools.spread.aws-use1'])
    await answersOnly('spread-gcp-euw1')
  })
})

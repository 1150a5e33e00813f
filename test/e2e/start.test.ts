import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localCertificates } from '../../cli/local/certificates.ts'
import { freePorts } from '../../cli/local/ports.ts'
import type { RunFile } from '../../cli/local/run-file.ts'
import type { Explanation } from '../../config/explanation.ts'
import type { StatusDocument } from '../../config/status.ts'
import { askTls, pemOf } from './ask-tls.ts'
import { alive, familyOf, Running, run, until } from './run-cli.ts'

const START_MS = 90_000

describe.runIf(process.platform === 'linux')('npm start', () => {
  const state = mkdtempSync(join(tmpdir(), 'meridian-e2e-'))
  const env = { MERIDIAN_STATE: state }
  let url = ''
  let start: Running

  beforeAll(async () => {
    const [port = 0] = await freePorts(1)
    url = `http://localhost:${port}`
    start = new Running('cli/start.ts', ['--free-ports', '--mtls', '--port', String(port)], env)
    await start.says(/Ctrl-C stops everything/, START_MS)
  })
  afterAll(() => {
    start.child.kill('SIGTERM')
    rmSync(state, { recursive: true, force: true })
  })

  const ask = async (path = '/'): Promise<{ status: number; endpoint: string | null }> => {
    const response = await fetch(url + path, { signal: AbortSignal.timeout(15_000) })
    await response.arrayBuffer()
    return { status: response.status, endpoint: response.headers.get('meridian-endpoint') }
  }
  const region = (...args: string[]) => run('cli/region.ts', args, env)
  const readStatus = async (): Promise<StatusDocument> =>
    JSON.parse((await run('cli/meridian.mjs', ['status', '--json'], env)).stdout) as StatusDocument
  const readRunFile = () => JSON.parse(readFileSync(join(state, 'run.json'), 'utf8')) as RunFile
  const edit = (from: string | RegExp, to: string): void => {
    const file = join(state, 'local.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to))
  }

  test('says where it is and what to try', () => {
    expect(start.said).toContain(url)
    for (const word of [
      'aws-use1',
      'gcp-euw1',
      'azure-sea',
      'npm run region -- aws-use1 refuse',
      'npx meridian status --watch',
      'npx meridian drain aws-use1 --for 5m',
      'Not as at the edge',
    ])
      expect(start.said).toContain(word)
  })

  test('refuses a second one on the same state', async () => {
    expect(await run('cli/start.ts', ['--free-ports', '--port', '1'], env)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`runs here already, on ${url}`),
    })
  })

  test('sends requests to the first region', async () => {
    expect(await ask()).toEqual({ status: 200, endpoint: 'aws-use1' })
  })

  test('takes a region out by command, says who would be moved, and brings it back', async () => {
    const meridian = (...args: string[]) => run('cli/meridian.mjs', args, env)
    const [planned, refused] = await Promise.all([meridian('plan', '--drain', 'us-east-1'), meridian('drain', 'us-east-1')])
    expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining('shop (listed): 100 % of requests change their endpoint') })
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Say --yes') })
    const drained = await meridian('drain', 'us-east-1', '--for', '5m', '--reason', 'a drill', '--yes')
    expect(drained).toMatchObject({ code: 0, stderr: expect.stringContaining('All 3 vantages have it') })
    await until('requests to go elsewhere', 10_000, async () => (await ask()).endpoint === 'gcp-euw1')
    const [status, drift] = await Promise.all([meridian('status'), meridian('drift')])
    expect(status.stdout).toContain('drained: region us-east-1')
    expect(drift).toMatchObject({ code: 0, stdout: expect.stringMatching(/drains\.region\.us-east-1 .*a drill/) })
    expect(await meridian('undrain', 'us-east-1')).toMatchObject({ code: 0 })
    await until('requests to come back', 10_000, async () => (await ask()).endpoint === 'aws-use1')
  })

  test('explains where a request goes, by asking and by what a status said', async () => {
    const asked = await run('cli/meridian.mjs', ['explain', 'GET', `${url}/`], env)
    expect(asked).toMatchObject({ code: 0, stdout: expect.stringMatching(/sent on by route .* to aws-use1/) })
    expect(asked.stdout).toMatch(/1\. first +aws-use1 [\s\S]*2\. rescue +gcp-euw1/)
    const known = join(state, 'status.json')
    writeFileSync(known, (await run('cli/meridian.mjs', ['status', '--json'], env)).stdout)
    const here = ['explain', 'GET', `${url}/`, '--at', known, '--config', join(state, 'local.yaml'), '--json']
    const told = JSON.parse((await run('cli/meridian.mjs', here, env)).stdout) as Explanation
    expect(told.decision).toMatchObject({
      kind: 'forwarded',
      plan: { attempts: ['aws-use1', 'gcp-euw1', 'azure-sea'].map((endpoint) => ({ endpoint })) },
    })
    expect(await run('cli/meridian.mjs', ['explain', 'GET', 'http://elsewhere.test/'], env)).toMatchObject({ code: 1 })
  })

  test('lets a token of its issuer in, and none that is bad', async () => {
    const token = async (...args: readonly string[]) => (await run('cli/meridian.mjs', ['token', ...args], env)).stdout.trim()
    const show = async (text: string): Promise<number> =>
      (await fetch(`${url}/private`, { headers: text === '' ? {} : { authorization: `Bearer ${text}` } })).status
    const good = await token()
    await until('the keys of the issuer', 20_000, async () => (await show(good)) === 200)
    expect([await show(''), await show(await token('--bad', 'expired')), await show(await token('--bad', 'signature'))]).toEqual([
      401, 401, 401,
    ])
    expect(await run('cli/issuer.ts', ['refuse'], env)).toMatchObject({ code: 0 })
    expect([await show(good), await show(await token('--sub', 'ben'))]).toEqual([200, 200])
    expect(await run('cli/issuer.ts', ['heal'], env)).toMatchObject({ code: 0 })
    expect(await run('cli/meridian.mjs', ['token'], { MERIDIAN_STATE: join(state, 'nowhere') })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('npm start'),
    })
  })

  test('lets a client certificate in, and none that is bad, missing or only claimed', async () => {
    const { tlsUrl = '' } = readRunFile()
    const folder = join(state, 'certificates')
    const status = async (client: string): Promise<number | string> =>
      (await askTls({ url: `${tlsUrl}/partner`, folder, pem: pemOf(folder, client) })).status
    expect([await status('ann'), await status('ann-expired'), await status('stranger')]).toEqual([200, 403, 403])
    expect(await askTls({ url: `${tlsUrl}/partner`, folder })).toMatchObject({ status: 403 })
    const { raw } = new X509Certificate(pemOf(folder, 'ann'))
    const tlsClientAuth = { certPresented: '1', certVerified: 'SUCCESS', certRevoked: '0', certRFC9440: `:${raw.toString('base64')}:` }
    const headers = { 'mf-cf-blob': JSON.stringify({ colo: 'DFW', tlsClientAuth }) }
    expect((await fetch(`${url}/partner`, { headers })).status).toBe(403)
    expect(await askTls({ url: `${tlsUrl}/partner`, folder, headers })).toMatchObject({ status: 403 })
  })

  test('has ingresses that believe nobody else: neither without the certificate of the gateway nor without a token of the edge', async () => {
    const { regions } = readRunFile()
    const folder = join(state, 'certificates')
    const direct = `https://127.0.0.1:${regions[0]?.ports.traffic}/private`
    const headers = { 'meridian-identity': 'forged', 'x-user': 'root' }
    expect((await askTls({ url: direct, folder, headers })).status).toMatch(/^(ERR_SSL|ECONNRESET|EPIPE)/)
    expect((await askTls({ url: direct, folder, headers, pem: pemOf(folder, 'ann') })).status).toMatch(/^(ERR_SSL|ECONNRESET|EPIPE)/)
    const { gatewayKey, gatewayCertificate } = await localCertificates(folder)
    expect(await askTls({ url: direct, folder, headers, pem: `${gatewayKey}\n${gatewayCertificate}` })).toEqual({
      status: 403,
      body: expect.stringContaining('token of the edge'),
    })
  })

  test('names an unknown region and an unknown fault', async () => {
    expect(await region('mars', 'refuse')).toMatchObject({ code: 2, stderr: expect.stringContaining('unknown region "mars"') })
    expect(await region('aws-use1', 'melt')).toMatchObject({ code: 2, stderr: expect.stringContaining('unknown fault "melt"') })
  })

  test('answers every request while a region refuses, and status says why', async () => {
    // A busy machine may have failed probes while everything started: what was down then ramps, and lets requests pass on.
    await until('every endpoint at its full share, from every vantage', 60_000, async () =>
      (await readStatus()).vantages.every(
        (each) =>
          each.answered &&
          each.status.endpoints.every(
            ({ verdict, restored, stoodFor, votes }) =>
              verdict === 'up' && (restored === undefined || stoodFor > 30_000) && votes[0]?.probe === 'up',
          ),
      ),
    )
    expect(await region('aws-use1', 'refuse')).toMatchObject({ code: 0, stdout: expect.stringContaining('refuse') })
    for (let count = 0; count < 20; count += 1) expect(await ask()).toEqual({ status: 200, endpoint: 'gcp-euw1' })
    await until('the verdict of the vantages', 20_000, async () => {
      await ask()
      return JSON.stringify(await readStatus()).includes('"verdict":"down"')
    })
    const shown = await run('cli/meridian.mjs', ['status'], env)
    expect(shown.code).toBe(0)
    expect(shown.stdout).toMatch(/aws-use1 .*down/)
    const explained = await run('cli/meridian.mjs', ['explain', 'GET', `${url}/`], env)
    expect(explained.stdout).toMatch(/to gcp-euw1: [\s\S]*– aws-use1 .*out: /)
    expect(shown.stdout).toMatch(/last transitions\n.*aws-use1 .*→ down/)
    expect(await region('all', 'heal')).toMatchObject({ code: 0 })
  })

  test('takes up an edit while it runs', async () => {
    edit(/^ {6}gcp-euw1: &gcp$/m, '      gcp-euw1: &gcp\n        drain: true')
    edit(/^ {6}aws-use1: &aws$/m, '      aws-use1: &aws\n        drain: true')
    await start.says(/is in force/, 40_000)
    expect(await ask()).toEqual({ status: 200, endpoint: 'azure-sea' })
  })

  test('tells what is wrong with a broken edit and goes on', async () => {
    edit('vantages:', 'vantage:')
    await start.says(/local\.yaml:\d+:\d+ .*vantage/, 10_000)
    expect(start.said).toContain('The last good configuration stays in force')
    expect(await ask()).toEqual({ status: 200, endpoint: 'azure-sea' })
  })

  test('leaves no process behind on Ctrl-C', async () => {
    const { pid } = start.child
    if (pid === undefined) throw new Error('it never started')
    const family = familyOf(pid)
    expect(family.length).toBeGreaterThan(4)
    start.child.kill('SIGINT')
    expect(await start.ends(15_000)).toBe(0)
    await until('the end of every process', 5_000, async () => alive(family).length === 0)
    expect(await region('all', 'heal')).toMatchObject({ code: 2, stderr: expect.stringContaining('npm start') })
  })
})

describe('npm start refuses', () => {
  test('a port that is taken, and says how to choose another', async () => {
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    const { port } = holder.address() as { port: number }
    const refused = await run('cli/start.ts', ['--free-ports', '--port', String(port)], {
      MERIDIAN_STATE: join(tmpdir(), 'meridian-e2e-none'),
    })
    await new Promise((resolve) => holder.close(resolve))
    expect(refused).toMatchObject({ code: 1, stderr: `Port ${port} is taken. Choose another: npm start -- --port ${port + 1}\n` })
  })

  test('to leave anything behind when it is stopped while it starts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'meridian-e2e-'))
    const [port = 0] = await freePorts(1)
    const start = new Running('cli/start.ts', ['--free-ports', '--mtls', '--port', String(port)], { MERIDIAN_STATE: folder })
    await until('its children', 30_000, async () => start.child.pid !== undefined && familyOf(start.child.pid).length > 3)
    const family = familyOf(start.child.pid ?? 0)
    start.child.kill('SIGTERM')
    await start.ends(15_000)
    await until('the end of every process', 10_000, async () => alive(family).length === 0)
    rmSync(folder, { recursive: true })
  })

  test('a configuration with defects, and names all of them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'meridian-e2e-'))
    const file = join(folder, 'broken.yaml')
    writeFileSync(
      file,
      'pools:\n  shop:\n    endpoints:\n      a: { url: nowhere, cloud: aws, region: us-east-1 }\nroutes:\n  - { hosts: [x.test], pool: shp }\n',
    )
    const [port = 0] = await freePorts(1)
    const refused = await run('cli/start.ts', ['--config', file, '--port', String(port)], { MERIDIAN_STATE: folder })
    rmSync(folder, { recursive: true })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/broken\.yaml:4:\d+ .*nowhere/)
    expect(refused.stderr).toMatch(/broken\.yaml:6:\d+ .*shp/)
  })
})

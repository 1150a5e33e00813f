// node bench/spikes/body-watch/run.ts [see] [cpu] [faults]   (all three by default; results go to standard output)
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'
import { bodyOf, type Encoding, FAULTS, type Framing, startOrigin } from './origin.ts'

// MODES=watch,pipe-fixed, BODY='2 KiB' and SLICES=3 in the environment make a run shorter.
const ONLY = process.env['MODES']?.split(',')
const MODES = [
  'same-response',
  'same-body',
  'pipe-decoded',
  'pipe-identity',
  'pipe-fixed',
  'transform-js',
  'tee',
  'pull-bytes',
  'head-then-pipe',
  'signal-only',
  'watch-64',
  'watch',
  'watch-1024',
  'watch-unpiped',
] as const
const KINDS = (['identity', 'gzip', 'br'] as const).flatMap((encoding) =>
  (['length', 'chunked'] as const).map((framing) => ({ encoding, framing })),
)
const MIB = 1024 * 1024

const folder = mkdtempSync(join(tmpdir(), 'body-watch-'))
const parts = process.argv.slice(2)
const wants = (part: string): boolean => parts.length === 0 || parts.includes(part)

interface Note {
  readonly id: string
  readonly event: string
  readonly at: number
  readonly [detail: string]: unknown
}
const notes: Note[] = []
const complaints: string[] = []

const authority = makeAuthority()
const origin = await startOrigin()
const gateway = await startWorkerd()
try {
  if (wants('see')) await see()
  if (wants('cpu')) await cpu()
  if (wants('faults')) await faults()
} finally {
  gateway.process.kill()
  rmSync(folder, { recursive: true })
}
process.exit(0)

async function startWorkerd(): Promise<{ process: ChildProcess; port: number }> {
  const port = await freePort()
  const module = (name: string): string => {
    const code = stripTypeScriptTypes(readFileSync(new URL(name, import.meta.url), 'utf8'))
    writeFileSync(join(folder, name), code)
    return `(name = "${name}", esModule = embed "${name}")`
  }
  writeFileSync(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "spike", worker = (
      modules = [${module('worker.ts')}, ${module('watch-body.ts')}],
      compatibilityDate = "2026-11-01",
      compatibilityFlags = ["enable_request_signal"],
      bindings = [(name = "ORIGIN", text = "http://127.0.0.1:${origin.port}")],
      globalOutbound = "loopback")),
    (name = "loopback", network = (allow = ["private"], tlsOptions = (trustBrowserCas = true${authority === undefined ? '' : ', trustedCertificates = [embed "authority.pem"]'})))
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "spike")]
);
`,
  )
  const binary = (createRequire(import.meta.url)('workerd') as { default: string }).default
  const child = spawn(binary, ['serve', join(folder, 'config.capnp')], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stdout.on('data', (data) => {
    text += String(data)
    const lines = text.split('\n')
    text = lines.pop() as string
    for (const line of lines) if (line.startsWith('NOTE ')) notes.push(JSON.parse(line.slice(5)) as Note)
  })
  child.stderr.on('data', (data) => complaints.push(String(data)))
  for (let tries = 0; tries < 100; tries += 1) {
    await sleep(50)
    if (
      await new Promise((resolve) =>
        connect(port, '127.0.0.1')
          .on('connect', () => resolve(true))
          .on('error', () => resolve(false)),
      )
    )
      break
  }
  return { process: child, port }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

// ---- a raw client: what exactly reaches the client's socket ----

interface Seen {
  readonly status: string
  readonly headers: Map<string, string>
  readonly body: Buffer
  /** By the framing that the client was given, not by how the socket closed. */
  readonly end: 'whole' | 'broken' | 'until-close'
  readonly socket: 'closed' | 'reset' | 'kept'
  readonly ms: number
}

function ask(path: string, options: { id?: string; leaveAfterMs?: number; leaveBy?: 'FIN' | 'RST'; pauseMs?: number } = {}): Promise<Seen> {
  return new Promise((resolve) => {
    const started = performance.now()
    const pieces: Buffer[] = []
    let size = 0
    let expected = Number.POSITIVE_INFINITY
    let socketEnd: Seen['socket'] = 'kept'
    const socket = connect(gateway.port, '127.0.0.1')
    const finish = (): void => {
      clearTimeout(patience)
      if (options.leaveBy === 'RST') socket.resetAndDestroy()
      else socket.destroy()
      resolve({ ...readAnswer(Buffer.concat(pieces), socketEnd), ms: Math.round(performance.now() - started) })
    }
    const patience = setTimeout(finish, options.leaveAfterMs ?? 12_000)
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: spike\r\nAccept-Encoding: gzip, br\r\n${options.id ? `X-Report: ${options.id}\r\n` : ''}\r\n`,
    )
    socket.on('data', (data) => {
      pieces.push(data)
      size += data.length
      if (pieces.length === 1) {
        const at = data.indexOf('\r\n\r\n')
        const length = /\r\ncontent-length: (\d+)/i.exec(data.subarray(0, at).toString('latin1'))?.[1]
        if (length !== undefined) expected = at + 4 + Number(length)
        if (options.pauseMs) {
          socket.pause()
          setTimeout(() => socket.resume(), options.pauseMs)
        }
      }
      if (size >= expected || /(^|\r\n)0\r\n\r\n$/.test(data.subarray(-7).toString('latin1'))) finish()
    })
    socket.on('error', () => {
      socketEnd = 'reset'
    })
    socket.on('end', () => {
      socketEnd = 'closed'
    })
    socket.on('close', finish)
  })
}

function readAnswer(raw: Buffer, socket: Seen['socket']): Omit<Seen, 'ms'> {
  const at = raw.indexOf('\r\n\r\n')
  const [status = '', ...lines] = raw.subarray(0, Math.max(at, 0)).toString('latin1').split('\r\n')
  const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
  const rest = raw.subarray(at + 4)
  const chunked = headers.get('transfer-encoding') === 'chunked' ? dechunk(rest) : undefined
  const length = headers.get('content-length')
  const end =
    chunked !== undefined
      ? chunked.whole
        ? 'whole'
        : 'broken'
      : length !== undefined
        ? Number(length) === rest.length
          ? 'whole'
          : 'broken'
        : 'until-close'
  return { status, headers, body: chunked?.body ?? rest, end, socket }
}

function dechunk(raw: Buffer): { body: Buffer; whole: boolean } {
  const pieces: Buffer[] = []
  for (let at = 0; ; ) {
    const line = raw.indexOf('\r\n', at)
    if (line < 0) return { body: Buffer.concat(pieces), whole: false }
    const size = Number.parseInt(raw.subarray(at, line).toString('latin1'), 16)
    if (size === 0) return { body: Buffer.concat(pieces), whole: true }
    pieces.push(raw.subarray(line + 2, line + 2 + size))
    at = line + 4 + size
  }
}

function bodyPath(encoding: Encoding, framing: Framing, what: string, size: number): string {
  return `/body?encoding=${encoding}&framing=${framing}&do=${what}&size=${size}`
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

// ---- what each candidate sees, and what it does to the bytes ----

async function see(): Promise<void> {
  await sleep(200)
  console.log('\n## What is seen\n')
  console.log(
    '| candidate | kind | bytes untouched | RST seen | client after RST | FIN seen | client after FIN | trickle from byte 1,000 seen | trickle from byte 150,000 seen |',
  )
  console.log('|---|---|---|---|---|---|---|---|---|')
  for (const mode of ['bare', ...MODES].filter((name) => ONLY?.includes(name) ?? true)) {
    const rows = await Promise.all(
      KINDS.map(async ({ encoding, framing }) => {
        const kind = `${encoding} ${framing}`
        const run = (what: string, size: number): Promise<Seen> =>
          ask(`/${mode}${bodyPath(encoding, framing, what, size)}`, { id: `${mode} ${kind} ${what} ${size}` })
        const [whole, rst, fin] = await Promise.all([
          run('whole', MIB),
          run('rst', MIB),
          run('fin', MIB),
          run('trickle', 2000),
          run('trickle', 300_000),
        ])
        await sleep(100)
        const noted = (what: string, size: number): string => {
          const found = notes.filter((note) => note.id === `${mode} ${kind} ${what} ${size}`)
          return (
            found.map((note) => `${note.event} ${note.at} ms${note['message'] ? ` «${String(note['message'])}»` : ''}`).join(', ') || 'no'
          )
        }
        return `| ${mode} | ${kind} | ${untouched(whole, encoding, framing)} | ${noted('rst', MIB)} | ${rst.end}, ${rst.socket} | ${noted('fin', MIB)} | ${fin.end}, ${fin.socket} | ${noted('trickle', 2000)} | ${noted('trickle', 300_000)} |`
      }),
    )
    for (const row of rows) console.log(row)
  }

  // A client that stops reading for 4 s must not count as a slow origin.
  await ask(`/watch${bodyPath('identity', 'length', 'whole', 50 * MIB)}`, { id: 'slow-client', pauseMs: 4000 })
  await ask(`/watch${bodyPath('identity', 'length', 'whole', 50 * MIB)}`, { id: 'client-leaves', pauseMs: 4000, leaveAfterMs: 1000 })
  await ask('/watch/body-stops', { id: 'stops', leaveAfterMs: 4000 })
  await sleep(300)
  for (const note of notes.filter(({ id }) => ['slow-client', 'client-leaves', 'stops'].includes(id))) console.log(JSON.stringify(note))
  console.log('\nwhat the origin was asked:', JSON.stringify(origin.requests.find((text) => text.includes('/body'))))
  console.log('workerd complained:', [...new Set(complaints.map((line) => line.split('\n')[0]))].slice(0, 8))
}

function untouched(seen: Seen, encoding: Encoding, framing: Framing): string {
  const sent = bodyOf(encoding, MIB)
  const wrong: string[] = []
  if (digest(seen.body) !== digest(sent)) wrong.push(`body ${seen.body.length} for ${sent.length}`)
  if ((seen.headers.get('content-encoding') ?? 'identity') !== encoding) wrong.push('Content-Encoding')
  if (framing === 'length' && seen.headers.get('content-length') !== String(sent.length)) {
    wrong.push(`Content-Length ${seen.headers.get('content-length') ?? 'gone'}`)
  }
  if (framing === 'chunked' && seen.headers.get('transfer-encoding') !== 'chunked') wrong.push('Transfer-Encoding')
  if (seen.headers.get('etag') !== '"spike"') wrong.push('ETag')
  return wrong.length === 0 ? 'yes' : `no: ${wrong.join(', ')}`
}

// ---- CPU of workerd against the bare pass-through, in alternating slices ----

async function cpu(): Promise<void> {
  console.log('\n## CPU of workerd, ratio to `return fetch(request)`: median (lowest to highest)\n')
  const slices = Number(process.env['SLICES'] ?? 5)
  const big = ['same-body', 'pipe-fixed', 'head-then-pipe', 'watch', 'watch-unpiped'] as const
  const sizes = [
    {
      label: '10 MiB identity length',
      size: 10 * MIB,
      encoding: 'identity',
      framing: 'length',
      requests: 150,
      modes: MODES.filter((mode) => mode !== 'signal-only'),
    },
    { label: '10 MiB identity chunked', size: 10 * MIB, encoding: 'identity', framing: 'chunked', requests: 150, modes: big },
    { label: '10 MiB gzip length', size: 10 * MIB, encoding: 'gzip', framing: 'length', requests: 150, modes: big },
    { label: '10 MiB gzip chunked', size: 10 * MIB, encoding: 'gzip', framing: 'chunked', requests: 150, modes: big },
    { label: '10 MiB br length', size: 10 * MIB, encoding: 'br', framing: 'length', requests: 150, modes: big },
    { label: '10 MiB br chunked', size: 10 * MIB, encoding: 'br', framing: 'chunked', requests: 150, modes: big },
    { label: '64 KiB identity length', size: 65_536, encoding: 'identity', framing: 'length', requests: 2500, modes: big },
    { label: '2 KiB identity length', size: 2048, encoding: 'identity', framing: 'length', requests: 4000, modes: big },
  ] as const
  console.log('| body | candidate | ratio | bare, ms CPU a request |\n|---|---|---|---|')
  for (const { label, size, encoding, framing, requests: most, modes } of sizes.filter((body) =>
    body.label.startsWith(process.env['BODY'] ?? ''),
  )) {
    const path = bodyPath(encoding, framing, 'whole', size)
    await load(`/bare${path}`, Math.ceil(most / 3))
    for (const mode of modes.filter((name) => ONLY?.includes(name) ?? true)) {
      // The two that go through JavaScript chunk by chunk cost twenty times as much: a fifth of the requests will do.
      const requests = mode === 'tee' || mode === 'transform-js' ? most / 5 : most
      await load(`/${mode}${path}`, Math.ceil(requests / 3))
      const ratios: number[] = []
      const bares: number[] = []
      let before = await load(`/bare${path}`, requests)
      for (let slice = 0; slice < slices; slice += 1) {
        const candidate = await load(`/${mode}${path}`, requests)
        const after = await load(`/bare${path}`, requests)
        ratios.push(candidate / ((before + after) / 2))
        bares.push(after / requests)
        before = after
      }
      ratios.sort((a, b) => a - b)
      bares.sort((a, b) => a - b)
      const at = (list: number[], share: number): number => list[Math.round((list.length - 1) * share)] as number
      console.log(
        `| ${label} | ${mode} | ${at(ratios, 0.5).toFixed(3)} (${at(ratios, 0).toFixed(3)} to ${at(ratios, 1).toFixed(3)}) | ${(at(bares, 0.5) * 10).toFixed(2)} |`,
      )
    }
  }
}

/** Sends the requests, two at a time on kept connections, and says how many clock ticks (10 ms) workerd used. */
async function load(path: string, requests: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 })
  const before = ticks()
  let left = requests
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      await new Promise<void>((resolve, reject) => {
        get({ agent, host: '127.0.0.1', port: gateway.port, path }, (response) => {
          response.on('data', () => {})
          response.on('end', resolve)
          response.on('error', reject)
        }).on('error', reject)
      })
    }
  }
  await Promise.all([worker(), worker()])
  agent.destroy()
  return ticks() - before
}

function ticks(): number {
  const fields = readFileSync(`/proc/${gateway.process.pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
  return Number(fields[11]) + Number(fields[12])
}

// ---- what fetch throws ----

async function faults(): Promise<void> {
  console.log('\n## What fetch does\n\n| fault | result |\n|---|---|')
  const one = async (name: string, url: string, extra = ''): Promise<void> => {
    const seen = await ask(`/fault?url=${encodeURIComponent(url)}${extra}`, { id: name })
    console.log(`| ${name} | ${seen.body.toString().slice(0, 400) || seen.status || 'no answer'} |`)
  }
  const base = `http://127.0.0.1:${origin.port}`
  await one('refused', `http://127.0.0.1:${await freePort()}/`)
  for (const name of Object.keys(FAULTS)) {
    const waits = ['hang', 'body-stops', 'endless'].includes(name)
    await one(waits ? `${name} and AbortSignal.timeout(300)` : name, `${base}/${name}`, waits ? '&limit=300' : '')
  }
  await one('TLS asked of a plain server', `https://127.0.0.1:${origin.port}/hang`, '&limit=5000')
  if (authority === undefined) console.log('| TLS with a bad certificate | not run: no openssl here |')
  else {
    await one('TLS with an untrusted certificate', `https://localhost:${await startTls(leaf('untrusted', 'localhost'))}/`)
    await one('TLS with a trusted certificate for another name', `https://localhost:${await startTls(leaf('authority', 'other.test'))}/`)
    await one('TLS with a trusted certificate', `https://localhost:${await startTls(leaf('authority', 'localhost'))}/`)
  }

  console.log(
    '\n## The client goes away after 500 ms\n\n| case | noted by the Worker | origin saw its connection close after |\n|---|---|---|',
  )
  for (const leaveBy of ['FIN', 'RST'] as const) {
    for (const [what, path] of [
      ['waiting for headers', 'hang'],
      ['reading the body itself', 'endless'],
      ['watchBody, body flows', 'endless&stream=1'],
      ['watchBody, body flows, deferred', 'endless&stream=1&defer=1'],
      ['watchBody, body stops, deferred', 'body-stops&stream=1&defer=1'],
    ] as const) {
      for (const signal of ['', '&signal=1']) {
        const label = `${what}, ${signal === '' ? 'no signal' : 'request.signal'}, client sent ${leaveBy}`
        const [name, ...query] = `${path}${signal}`.split('&')
        await ask(`/fault?url=${encodeURIComponent(`${base}/${name}?id=${label}`)}&${query.join('&')}`, {
          id: label,
          leaveAfterMs: 500,
          leaveBy,
        })
        await sleep(1500)
        const noted = notes.filter(({ id }) => id === label).map(({ id: _, ...note }) => JSON.stringify(note))
        console.log(`| ${label} | ${noted.join(' ') || 'nothing'} | ${origin.closed.get(label) ?? 'not within 2 s'} |`)
      }
    }
  }
  console.log('\nworkerd complained:', [...new Set(complaints.map((line) => line.split('\n')[0]))].slice(-8))
}

/** Makes two authorities, of which the Worker trusts the first. */
function makeAuthority(): string | undefined {
  try {
    for (const name of ['authority', 'untrusted']) {
      openssl(
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.pem`,
        '-days',
        '1',
        '-subj',
        `/CN=${name}`,
      )
    }
    return readFileSync(join(folder, 'authority.pem'), 'utf8')
  } catch {
    return undefined
  }
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
}

function leaf(issuer: string, name: string): { key: Buffer; cert: Buffer } {
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    'leaf.key',
    '-out',
    'leaf.pem',
    '-days',
    '1',
    '-subj',
    `/CN=${name}`,
    '-CA',
    `${issuer}.pem`,
    '-CAkey',
    `${issuer}.key`,
    '-addext',
    'basicConstraints=critical,CA:FALSE',
    '-addext',
    `subjectAltName=DNS:${name}`,
  )
  return { key: readFileSync(join(folder, 'leaf.key')), cert: readFileSync(join(folder, 'leaf.pem')) }
}

async function startTls(identity: { key: Buffer; cert: Buffer }): Promise<number> {
  const server = createTlsServer(identity, (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'))
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

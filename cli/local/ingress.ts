/**
 * One sample regional ingress, a process of its own: `node cli/local/ingress.ts '{"id":"aws-use1",…}'`. It serves requests over
 * HTTPS and a ready endpoint over HTTP, and takes faults on a control port. It ends with the process that started it.
 */
import type { IncomingMessage } from 'node:http'
import { breakReady, breakTraffic } from './breakage.ts'
import { localCertificates } from './certificates.ts'
import { startControl } from './control.ts'
import { type EdgeTokenRules, edgeTokenReader } from './edge-token.ts'
import type { Fault } from './faults.ts'
import { FaultyServer } from './faulty-server.ts'
import { sampleAnswers } from './sample-answers.ts'
import type { SampleRegion } from './sample-regions.ts'
import { SeenRequests } from './seen-requests.ts'

export interface IngressArguments extends SampleRegion {
  /** Where the certificates are kept. */
  readonly folder: string
  /** Whether it asks the gateway for a client certificate. */
  readonly mtls: boolean
  /** Absent: it believes everybody. */
  readonly edgeToken?: EdgeTokenRules
}

/** Said to the parent once all three ports listen; port 0 has become a real one. */
export interface IngressStarted {
  readonly kind: 'started'
  readonly ports: SampleRegion['ports']
}

async function main(): Promise<void> {
  const stop = (): void => process.exit(0)
  process.once('SIGTERM', stop)
  // From the very beginning: whoever started it may end before it listens.
  process.once('disconnect', stop)
  const options = JSON.parse(process.argv[2] ?? '{}') as IngressArguments
  const certificates = await localCertificates(options.folder)
  const { id, cloud, region, mesh } = options
  const seen = new SeenRequests()
  const answers = sampleAnswers({ id, cloud, region, mesh })
  const readSeal =
    options.edgeToken === undefined ? undefined : edgeTokenReader(options.edgeToken, () => `https://127.0.0.1:${traffic.port}`)
  const traffic: FaultyServer = new FaultyServer({
    port: options.ports.traffic,
    certificates,
    ...(options.mtls ? { clientAuthority: certificates.authority } : {}),
    saw: (request) => seen.note(request),
    unavailable: 'broken on purpose\n',
    ...(readSeal === undefined ? answers : sealed(answers, readSeal)),
  })
  const ready = new FaultyServer({
    port: options.ports.ready,
    saw: () => undefined,
    answer: (request: IncomingMessage, response) => {
      const { path, up } = options.ready
      const found = request.url === path
      response.writeHead(found ? 200 : 404, { 'content-type': 'text/plain' }).end(found ? up : 'not found\n')
    },
    unavailable: options.ready.down,
  })
  await Promise.all([traffic.start(), ready.start()])

  let flapping: NodeJS.Timeout | undefined
  const apply = async (fault: Fault | undefined): Promise<void> => {
    await Promise.all([traffic.set(breakTraffic(fault)), ready.set(breakReady(fault))])
  }
  const setFault = async (fault: Fault | undefined): Promise<void> => {
    clearInterval(flapping)
    await apply(fault)
    if (fault?.kind !== 'flap') return
    let broken = true
    flapping = setInterval(() => {
      broken = !broken
      void apply(broken ? fault : undefined)
    }, fault.seconds * 1000)
  }
  const control = await startControl({ id, port: options.ports.control, setFault, seen, connections: () => traffic.connections })

  // Ctrl-C reaches the whole group of the terminal; the parent decides when we end.
  process.on('SIGINT', () => undefined)
  process.send?.({ kind: 'started', ports: { traffic: traffic.port, ready: ready.port, control } } satisfies IngressStarted)
}

/** Answers only what carries a good token of the edge, where one is wanted. */
function sealed(answers: ReturnType<typeof sampleAnswers>, readSeal: ReturnType<typeof edgeTokenReader>): typeof answers {
  return {
    ...answers,
    answer: async (request, response) => {
      const seal = await readSeal(request)
      if (seal.ok) answers.answer(request, response)
      else response.writeHead(403, { 'content-type': 'text/plain' }).end(`${seal.error}\n`)
    },
  }
}

await main()

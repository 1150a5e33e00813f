/** The published suite of the Gateway API as tests: its cases as data, its manifests, and what the harness does that data does not say. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CaseRequest, ConformanceCase, ConformanceTest, Expectation, Headers, Manifest } from './case.ts'
import { OF_THE_HARNESS } from './harness-facts.ts'

interface SuiteFile {
  readonly source: string
  readonly commit: string
  readonly tests: readonly SuiteTest[]
}

interface SuiteTest {
  readonly test: string
  readonly file: string
  readonly description: string
  readonly manifests: readonly string[]
  readonly cases: readonly SuiteCase[]
}

interface SuiteRequest {
  readonly Host?: string
  readonly Path?: string
  readonly Method?: string
  readonly Headers?: Headers | null
  readonly Query?: Readonly<Record<string, string>>
}

interface SuiteCase {
  readonly gateway?: string
  readonly scheme?: 'http' | 'https'
  readonly serverName?: string
  readonly request: SuiteRequest
  readonly expectStatus: readonly number[]
  readonly expectRequest?: { readonly Request?: SuiteRequest; readonly AbsentHeaders?: readonly string[] }
  readonly expectResponse?: {
    readonly Headers?: Headers
    readonly ValidHeaderValues?: Readonly<Record<string, readonly string[]>>
    readonly AbsentHeaders?: readonly string[]
    readonly IgnoreWhitespace?: boolean
  }
  readonly backendSetResponseHeaders?: Headers
  readonly redirect?: { readonly Scheme?: string; readonly Host?: string; readonly Port?: string; readonly Path?: string }
  readonly backend?: string
  readonly namespace?: string
  readonly mirroredTo?: readonly { readonly BackendRef: { readonly Name: string; readonly Namespace: string }; readonly Percent?: number }[]
}

export interface Corpus {
  /** Where the suite is from, with its commit. */
  readonly source: string
  readonly tests: readonly ConformanceTest[]
}

const NAMESPACE = 'gateway-conformance-infra'
const HTTP_GATEWAY = 'same-namespace'
const HTTPS_GATEWAY = 'same-namespace-with-https-listener'

/** The tests of HTTPRoutes at Gateways. Throws when the folder does not hold the suite. */
export function readCorpus(folder: string): Corpus {
  const { source, commit, tests } = JSON.parse(readFileSync(join(folder, 'gateway-api-conformance-cases.json'), 'utf8')) as SuiteFile
  const base = readManifest(folder, 'conformance/base/manifests.yaml')
  const chosen = tests.filter(
    ({ file, manifests }) => /^conformance\/tests\/httproute-[^/]*\.go$/.test(file) && !manifests.some((one) => one.includes('/mesh/')),
  )
  return { source: `${source} at ${commit}`, tests: chosen.map((test) => readTest(test, folder, base)) }
}

function readManifest(folder: string, path: string): Manifest {
  const file = join(folder, 'gateway-api', path.replaceAll('/', '__'))
  return { file: path, text: existsSync(file) ? readFileSync(file, 'utf8') : '' }
}

function readTest({ test, description, manifests, cases }: SuiteTest, folder: string, base: Manifest): ConformanceTest {
  const facts = OF_THE_HARNESS[test] ?? {}
  const read = cases.map((one) => readCase(one))
  return {
    id: test,
    what: description,
    manifests: [base, ...manifests.map((path) => readManifest(folder, path)), ...(facts.manifests ?? [])],
    cases: facts.change === undefined ? read : facts.change(read),
    extras: facts.extras?.(read) ?? [],
  }
}

function readCase(one: SuiteCase): ConformanceCase {
  const scheme = one.scheme ?? 'http'
  const request = readRequest(one)
  return {
    name: sayCase(one, request),
    gateway: `${NAMESPACE}/${one.gateway ?? (scheme === 'https' ? HTTPS_GATEWAY : HTTP_GATEWAY)}`,
    scheme,
    ...(one.serverName === undefined ? {} : { serverName: one.serverName }),
    request,
    expect: readExpectation(one),
  }
}

/** By what is asked: the words of the suite stay in the suite. */
function sayCase({ gateway, serverName, request: { Headers: headers } }: SuiteCase, { method, host = '', path }: CaseRequest): string {
  const parts = [
    `${method} ${host}${path}`,
    sayHeaders(headers ?? {}),
    gateway === undefined || gateway === HTTP_GATEWAY ? '' : `at ${gateway}`,
  ]
  return [...parts, serverName === undefined ? '' : `with SNI ${serverName}`].filter((part) => part !== '').join(' ')
}

const sayHeaders = (headers: Headers): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')

function readRequest({ request, backendSetResponseHeaders = {} }: SuiteCase): CaseRequest {
  const query = Object.entries(request.Query ?? {}).map(
    ([name, value]) => `${name}=${name === 'uuid' ? '{uuid}' : encodeURIComponent(value)}`,
  )
  return {
    ...(request.Host === undefined || request.Host === '' ? {} : { host: request.Host }),
    path: (request.Path ?? '/') + (query.length === 0 ? '' : `?${query.join('&')}`),
    method: request.Method ?? 'GET',
    headers: request.Headers ?? {},
    echoHeaders: backendSetResponseHeaders,
  }
}

/** What the endpoint must have seen is the request itself, unless the case says it; then its host is compared only where it is said. */
function readExpectation(one: SuiteCase): Expectation {
  const { expectRequest, expectResponse, redirect, request } = one
  const seen = expectRequest?.Request ?? request
  return {
    statuses: one.expectStatus,
    ...(one.backend === undefined ? {} : { backend: one.backend }),
    ...(one.namespace === undefined ? {} : { namespace: one.namespace }),
    seen: {
      ...(seen.Host === undefined || seen.Host === '' ? {} : { host: seen.Host }),
      ...(expectRequest?.Request?.Path === undefined ? {} : { path: expectRequest.Request.Path }),
      ...(expectRequest?.Request?.Method === undefined ? {} : { method: expectRequest.Request.Method }),
      headers: seen.Headers ?? {},
      absent: expectRequest?.AbsentHeaders ?? [],
    },
    response: {
      headers: expectResponse?.Headers ?? {},
      oneOf: expectResponse?.ValidHeaderValues ?? {},
      absent: expectResponse?.AbsentHeaders ?? [],
      ignoreWhitespace: expectResponse?.IgnoreWhitespace ?? false,
    },
    ...(redirect === undefined ? {} : { redirect: readRedirect(redirect) }),
    ...(one.mirroredTo === undefined
      ? {}
      : {
          mirrors: one.mirroredTo.map(({ BackendRef, Percent }) => ({
            to: `${BackendRef.Namespace}/${BackendRef.Name}`,
            percent: Percent ?? 100,
          })),
        }),
  }
}

const readRedirect = ({ Scheme, Host, Port, Path }: NonNullable<SuiteCase['redirect']>): NonNullable<Expectation['redirect']> => ({
  ...(Scheme === undefined ? {} : { scheme: Scheme }),
  ...(Host === undefined ? {} : { host: Host }),
  ...(Port === undefined ? {} : { port: Port }),
  ...(Path === undefined ? {} : { path: Path }),
})

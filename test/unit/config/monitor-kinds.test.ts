/** What kinds of monitors are compiled to, and what has no effect beside them. */
import { expect, test } from 'vitest'
import { parseBase } from '../../../durable-objects/policy/parse-base.ts'
import { baseOf, defectsOf, document, endpoint } from './documents.ts'
import { load } from './load-example.ts'

test('the example: a WebSocket, gRPC through the mesh, a deep check that is only watched, a handshake', () => {
  const { targets } = load('config/examples/monitor-kinds.yaml')
  expect(targets.map(({ monitor: { kind, url, service, monitorOnly } }) => [kind, url, service, monitorOnly])).toEqual([
    ['websocket', 'https://chat.use1.example.com/socket', undefined, undefined],
    ['websocket', 'https://chat.euw1.example.com/socket', undefined, undefined],
    ['grpc', 'https://calls.use1.example.com/grpc.health.v1.Health/Check', 'shop.v1.Shop', undefined],
    ['grpc', 'https://calls.euw1.example.com/grpc.health.v1.Health/Check', 'shop.v1.Shop', undefined],
    [undefined, 'https://shop.use1.example.com/deep-check', undefined, true],
    [undefined, 'https://shop.euw1.example.com/deep-check', undefined, true],
    ['tls', 'https://archive.use1.example.com/', undefined, undefined],
    ['tls', 'https://archive.euw1.example.com:8443/', undefined, undefined],
  ])
  // Vantages one version back ask for the URL alone.
  expect(targets[0]?.monitor).toMatchObject({ method: 'GET', statuses: [[100, 499]] })
})

test('a monitor that says nothing of it keeps its key', () => {
  const keyOf = (pool: string) => baseOf(document({ pool })).targets.map(({ key }) => key)
  expect(keyOf('monitor: { path: /ready, kind: http, monitorOnly: false }')).toEqual(keyOf('monitor: { path: /ready }'))
  expect(keyOf('monitor: { path: /ready, monitorOnly: true }')).not.toEqual(keyOf('monitor: { path: /ready }'))
})

test('of a pool and an endpoint the endpoint has the last word', () => {
  const { targets } = baseOf(
    document({
      pool: 'monitor: { kind: grpc, monitorOnly: true }',
      aws: endpoint('monitor: { kind: websocket, path: /ws, monitorOnly: false }'),
    }),
  )
  expect(targets[0]?.monitor.kind).toBe('websocket')
  expect(targets[0]?.monitor.monitorOnly).toBe(undefined)
  expect(targets[1]?.monitor).toMatchObject({ kind: 'grpc', service: '', monitorOnly: true })
})

test.each([
  ['{ kind: websocket }', 'monitor.kind', 'a "path" or "url" beside it'],
  ['{ kind: websocket, path: /ws, method: HEAD }', 'monitor.method', 'no method with "kind: websocket"'],
  ['{ kind: websocket, path: /ws, statuses: [101] }', 'monitor.statuses', 'no statuses with "kind: websocket"'],
  ['{ kind: websocket, path: /ws, body: ok }', 'monitor.body', 'no body with "kind: websocket"'],
  ['{ kind: websocket, path: /ws, service: a.B }', 'monitor.service', 'no service without "kind: grpc"'],
  ['{ path: /ready, service: a.B }', 'monitor.service', 'no service without "kind: grpc"'],
  ['{ kind: grpc, path: /ready }', 'monitor.path', 'no path with "kind: grpc"'],
  ['{ kind: grpc, method: GET }', 'monitor.method', 'no method with "kind: grpc"'],
  ['{ kind: grpc, service: "a b" }', 'monitor.service', 'the name of a gRPC service'],
  ['{ kind: tls, path: /ready }', 'monitor.path', 'no path with "kind: tls"'],
  ['{ kind: tls, headers: { x-a: b } }', 'monitor.headers', 'no headers with "kind: tls"'],
  ['{ kind: tls, url: "http://a.example.com/" }', 'monitor.kind', 'another kind, because its URL begins with http://'],
  ['{ kind: tcp }', 'monitor.kind', 'http, websocket'],
])('%s cannot be', (monitor, place, expected) => {
  const defects = defectsOf(document({ pool: `monitor: ${monitor}` }))
  expect(defects).toHaveLength(1)
  expect(defects[0]).toContain(place)
  expect(defects[0]).toContain(expected)
})

test('vantages take the kinds that there are, and no other', () => {
  const { hash, targets, health } = load('config/examples/monitor-kinds.yaml')
  const base = { hash, targets, vantages: health.vantages, holdDown: health.holdDown }
  expect(parseBase(base)).toEqual(base)
  for (const odd of [{ kind: 'http' }, { kind: 'tcp' }, { service: 7 }, { monitorOnly: false }])
    expect(parseBase({ ...base, targets: targets.map((target) => ({ ...target, monitor: { ...target.monitor, ...odd } })) })).toBe(
      undefined,
    )
})

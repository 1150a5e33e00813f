/** How values are written: fields, words, durations, shares, sizes, numbers and names. Each document has the defects that stand beside it, at their places, and no other. */
import { describe, expect, test } from 'vitest'
import { type Case, defectsOf, document, endpoint } from './documents.ts'

describe('unknown fields', () => {
  test.each<Case>([
    {
      why: 'at the top',
      parts: { rest: 'helth: {}' },
      says: [
        '8:1  helth  expected one of pools, routes, releases, issuers, trusts, operators, admission, edge, matching, health, inbound, replies, found "helth"  (did you mean "health"?)',
      ],
    },
    {
      why: 'in a pool',
      parts: { pool: 'steerin: nearest' },
      says: [
        '3:5  pools.shop.steerin  expected one of endpoints, steering, affinity, map, spillOver, healthThreshold, minimumHealthy, panic, limits, monitor, outlier, retryBudget, slowStart, found "steerin"  (did you mean "steering"?)',
      ],
    },
    {
      why: 'in an endpoint',
      parts: { aws: endpoint('priorty: 1') },
      says: [
        '4:89  pools.shop.endpoints.aws-use1.priorty  expected one of url, cloud, region, zone, mesh, priority, weight, capacity, concurrency, coordinates, drain, headers, clientCertificate, monitor, found "priorty"  (did you mean "priority"?)',
      ],
    },
    {
      why: 'in a monitor',
      parts: { aws: endpoint('monitor: { intervall: 2s }') },
      says: [
        '4:100  pools.shop.endpoints.aws-use1.monitor.intervall  expected one of kind, service, monitorOnly, url, path, port, method, headers, interval, timeout, consecutiveUp, consecutiveDown, statuses, body, found "intervall"  (did you mean "interval"?)',
      ],
    },
    {
      why: 'in timeouts',
      parts: { route: 'timeouts: { attemptTimeout: 1s }' },
      says: [
        '7:58  routes[0].timeouts.attemptTimeout  expected one of request, attempt, slow, idle, found "attemptTimeout"  (did you mean "attempt"?)',
      ],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))

  test('in a route, nothing near', () => {
    const [line, ...others] = defectsOf(document({ route: 'frobnicate: /x' }))
    expect(line).toMatch(/^7:46 {2}routes\[0\]\.frobnicate {2}expected one of name, hosts, .*, found "frobnicate"$/)
    expect(others).toEqual([])
  })
})

describe('missing fields', () => {
  test.each<Case>([
    {
      why: 'of an endpoint',
      parts: { aws: '{ cloud: aws }' },
      says: [
        '4:17  pools.shop.endpoints.aws-use1.url  expected a URL such as https://ingress.use1.example.com, found nothing',
        '4:17  pools.shop.endpoints.aws-use1.region  expected a region, as a text of 1 to 63 characters, found nothing',
      ],
    },
    {
      why: 'of a route',
      parts: { routes: '  - { name: shop }' },
      says: [
        '7:5  routes[0].hosts  expected a list of 1 to 100 hosts, found nothing',
        '7:5  routes[0]  expected one of pool, pools, release, redirect, reply: what the route does, found a mapping',
      ],
    },
    {
      why: 'an empty pool',
      parts: { aws: '~' },
      says: ['4:17  pools.shop.endpoints.aws-use1  expected an endpoint: a mapping of fields, found nothing'],
    },
    { why: 'no routes', parts: { routes: '  []' }, says: ['7:3  routes  expected at least one route, found an empty list'] },
    {
      why: 'half coordinates',
      parts: { aws: endpoint('coordinates: { latitude: 1 }') },
      says: ['4:102  pools.shop.endpoints.aws-use1.coordinates.longitude  expected a number from -180 to 180, found nothing'],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))
})

describe('words', () => {
  test.each<Case>([
    {
      why: 'steering',
      parts: { pool: 'steering: nearst' },
      says: [
        '3:15  pools.shop.steering  expected one of listed, nearest, weighted, latency, affinity, map, found "nearst"  (did you mean "nearest"?)',
      ],
    },
    {
      why: 'mesh',
      parts: { aws: endpoint('mesh: itsio') },
      says: [
        '4:95  pools.shop.endpoints.aws-use1.mesh  expected one of istio, linkerd, consul, kuma, appmesh, osm, tetrate, envoy, none, found "itsio"  (did you mean "istio"?)',
      ],
    },
    {
      why: 'writes',
      parts: { route: 'writes: homee' },
      says: ['7:54  routes[0].writes  expected one of follow-verdict, home, anywhere, found "homee"  (did you mean "home"?)'],
    },
    {
      why: 'vantages',
      parts: { rest: 'health: { vantages: [wnam, weur, afr] }' },
      says: [
        '8:34  health.vantages[2]  expected one of wnam, enam, weur, eeur, apac, apac-ne, apac-se, oc, found "afr"  (no Durable Object stands in Africa: the nearest is weur)',
      ],
    },
    {
      why: 'a boolean in words',
      parts: { aws: endpoint('drain: yes') },
      says: ['4:96  pools.shop.endpoints.aws-use1.drain  expected true or false, found "yes"  (write true)'],
    },
    {
      why: 'a quoted boolean',
      parts: { aws: endpoint('drain: "true"') },
      says: ['4:96  pools.shop.endpoints.aws-use1.drain  expected true or false, found "true"  (leave out the quotes)'],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))
})

describe('durations', () => {
  test.each<Case>([
    {
      why: 'no unit',
      parts: { pool: 'slowStart: 30' },
      says: ['3:16  pools.shop.slowStart  expected a duration from 0s to 10m, such as "5s", found 30  (give it a unit: "30s" or "30ms")'],
    },
    {
      why: 'a unit in words',
      parts: { pool: 'slowStart: 1 minute' },
      says: ['3:16  pools.shop.slowStart  expected a duration from 0s to 10m, such as "5s", found "1 minute"  (write "1m")'],
    },
    {
      why: 'a fraction',
      parts: { pool: 'slowStart: 1.5s' },
      says: ['3:16  pools.shop.slowStart  expected a duration from 0s to 10m, such as "5s", found "1.5s"  (write "1500ms")'],
    },
    {
      why: 'hours',
      parts: { pool: 'slowStart: 1h' },
      says: ['3:16  pools.shop.slowStart  expected a duration from 0s to 10m, such as "5s", found "1h"'],
    },
    {
      why: 'no duration',
      parts: { pool: 'slowStart: soon' },
      says: ['3:16  pools.shop.slowStart  expected a duration from 0s to 10m, such as "5s", found "soon"'],
    },
    {
      why: 'too long',
      parts: { pool: 'slowStart: 11m' },
      says: ['3:16  pools.shop.slowStart  expected a duration from 0s to 10m, such as "5s", found "11m"'],
    },
    {
      why: 'too short',
      parts: { pool: 'monitor: { interval: 500ms }' },
      says: ['3:26  pools.shop.monitor.interval  expected a duration from 1s to 1m, such as "5s", found "500ms"'],
    },
    {
      why: 'negative',
      parts: { pool: 'slowStart: -1s' },
      says: ['3:16  pools.shop.slowStart  expected a duration from 0s to 10m, such as "5s", found "-1s"'],
    },
    {
      why: 'a week',
      parts: { route: 'retry: { backoff: { base: 1w } }' },
      says: ['7:72  routes[0].retry.backoff.base  expected a duration from 0s to 10s, such as "5s", found "1w"'],
    },
    {
      why: 'a list',
      parts: { pool: 'slowStart: [1s]' },
      says: ['3:16  pools.shop.slowStart  expected a duration from 0s to 10m, such as "5s", found a list of 1'],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))
})

describe('shares, sizes and numbers', () => {
  test.each<Case>([
    {
      why: 'a bare share',
      parts: { pool: 'retryBudget: { share: 20 }' },
      says: ['3:27  pools.shop.retryBudget.share  expected a share from 0% to 100%, such as "20%" or "0.25%", found 20  (write "20%")'],
    },
    {
      why: 'three decimals',
      parts: { pool: 'retryBudget: { share: 0.125% }' },
      says: ['3:27  pools.shop.retryBudget.share  expected a share from 0% to 100%, such as "20%" or "0.25%", found "0.125%"'],
    },
    {
      why: 'above 100 %',
      parts: { pool: 'outlier: { shareAbovePool: 101% }' },
      says: ['3:32  pools.shop.outlier.shareAbovePool  expected a share from 1% to 100%, such as "20%" or "0.25%", found "101%"'],
    },
    {
      why: 'a bare size',
      parts: { route: 'replayMax: 65536' },
      says: [
        '7:57  routes[0].replayMax  expected a size from 0B to 8MiB, such as "64KiB", found 65536  (give it a unit: "65536B" or "65536KiB")',
      ],
    },
    {
      why: 'a size in kB',
      parts: { route: 'replayMax: 64kB' },
      says: ['7:57  routes[0].replayMax  expected a size from 0B to 8MiB, such as "64KiB", found "64kB"  (write "64KiB")'],
    },
    {
      why: 'too large',
      parts: { route: 'bufferUpTo: 9MiB' },
      says: ['7:58  routes[0].bufferUpTo  expected a size from 0B to 8MiB, such as "64KiB", found "9MiB"'],
    },
    {
      why: 'a quoted number',
      parts: { aws: endpoint('weight: "3"') },
      says: ['4:97  pools.shop.endpoints.aws-use1.weight  expected a whole number from 0 to 10000, found "3"  (leave out the quotes)'],
    },
    {
      why: 'a fraction',
      parts: { aws: endpoint('weight: 0.5') },
      says: ['4:97  pools.shop.endpoints.aws-use1.weight  expected a whole number from 0 to 10000, found 0.5'],
    },
    {
      why: 'negative',
      parts: { aws: endpoint('weight: -1') },
      says: ['4:97  pools.shop.endpoints.aws-use1.weight  expected a whole number from 0 to 10000, found -1'],
    },
    {
      why: 'attempts',
      parts: { route: 'retry: { attemptsMax: 11 }' },
      says: ['7:68  routes[0].retry.attemptsMax  expected a whole number from 1 to 10, found 11'],
    },
    {
      why: 'infinity',
      parts: { rest: 'health: { holdDown: { factor: .inf } }' },
      says: ['8:31  health.holdDown.factor  expected a number from 1 to 10, found Infinity'],
    },
    {
      why: 'latitude',
      parts: { aws: endpoint('coordinates: { latitude: 91, longitude: 0 }') },
      says: ['4:114  pools.shop.endpoints.aws-use1.coordinates.latitude  expected a number from -90 to 90, found 91'],
    },
    {
      why: 'status 200',
      parts: { route: 'retry: { statuses: [200] }' },
      says: ['7:66  routes[0].retry.statuses[0]  expected a whole number from 400 to 599, found 200'],
    },
    {
      why: 'a range backwards',
      parts: { aws: endpoint('monitor: { statuses: [299-200, 1000] }') },
      says: [
        '4:111  pools.shop.endpoints.aws-use1.monitor.statuses[0]  expected a status or a range of statuses from 100 to 599, such as 200 or 200-299, found "299-200"',
        '4:120  pools.shop.endpoints.aws-use1.monitor.statuses[1]  expected a status or a range of statuses from 100 to 599, such as 200 or 200-299, found 1000',
      ],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))
})

describe('names', () => {
  test.each<Case>([
    {
      why: 'an endpoint',
      parts: { aws: '~\n      Aws_use1: { url: https://a.example.com, cloud: aws, region: us-east-1 }' },
      says: [
        '4:17  pools.shop.endpoints.aws-use1  expected an endpoint: a mapping of fields, found nothing',
        '5:7  pools.shop.endpoints.Aws_use1  expected the name of an endpoint: lower-case letters, digits and hyphens, at most 63, found "Aws_use1"  (write aws-use1)',
      ],
    },
    {
      why: 'a route',
      parts: { route: 'name: My Route' },
      says: [
        '7:52  routes[0].name  expected the name of a route: lower-case letters, digits and hyphens, at most 63, found "My Route"  (write my-route)',
      ],
    },
    {
      why: 'a cloud',
      parts: { aws: '{ url: https://ingress.use1.example.com, cloud: AWS, region: us-east-1 }' },
      says: [
        '4:65  pools.shop.endpoints.aws-use1.cloud  expected a cloud: lower-case letters, digits and hyphens, at most 63, found "AWS"  (write aws)',
      ],
    },
    {
      why: 'a name of control characters',
      parts: { route: 'name: "\\e[2J"' },
      says: [
        '7:52  routes[0].name  expected the name of a route: lower-case letters, digits and hyphens, at most 63, found "\\u001b[2J"  (write 2j)',
      ],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))
})

import { describe, expect, test } from 'vitest'
import type { Steering } from '../../../config/base.ts'
import type { RetrySettings } from '../../../config/resilience.ts'
import { ms, seconds } from '../../../config/units.ts'
import { dice, SEED } from '../../seed.ts'
import { RETRY, testBase } from '../../workerd/gateway/base.ts'
import { answers, FAILURES, VirtualGateway } from './carry.ts'

/** `cloud/region/zone priority`, in order of the file.. */
const MAP = ['aws/use1/a', 'aws/use1/b', 'aws/usw2/a', 'gcp/euw1/b', 'gcp/euw1/c']

function gatewayWith(places: readonly string[], leave: RetrySettings['leave'], steering: Steering = 'listed') {
  const endpoints = places.map((place) => {
    const [where = '', priority = '0'] = place.split(' ')
    const [cloud = '', region = '', zone] = where.split('/')
    const id = where.replaceAll('/', '-')
    return { id, origin: `https://${id}.test`, cloud, region, priority: Number(priority), ...(zone === undefined ? {} : { zone }) }
  })
  const behaviours = Object.fromEntries(endpoints.map(({ id }) => [id, answers()]))
  const retry = { ...RETRY, leave, attemptsMax: 5 }
  const timeouts = { request: seconds(5), attempt: seconds(1), slow: 'race', idle: seconds(30) } as const
  return new VirtualGateway(testBase({ endpoints, pool: { steering }, route: { retry, timeouts } }), behaviours, dice(SEED))
}

/** Where attempts go while these fail. */
function path(gateway: VirtualGateway, ...failing: string[]): readonly string[] {
  for (const id of failing) gateway.behaviours.set(id, FAILURES['resets'] ?? answers())
  return gateway.carry().ledger.attempts.map(({ candidate }) => candidate.endpoint.id)
}

describe('after a failure at the first in order, the next attempt', () => {
  test.each<[RetrySettings['leave'], string]>([
    ['nothing', 'aws-use1-b'],
    ['zone', 'aws-use1-b'],
    ['region', 'aws-usw2-a'],
    ['cloud', 'gcp-euw1-b'],
  ])('leaves %s: %s', (leave, next) => expect(path(gatewayWith(MAP, leave), 'aws-use1-a')).toEqual(['aws-use1-a', next]))

  test('leaves what all attempts before it have tried, as long as there is something else', () => {
    expect(path(gatewayWith(MAP, 'region'), 'aws-use1-a', 'aws-usw2-a')).toEqual(['aws-use1-a', 'aws-usw2-a', 'gcp-euw1-b'])
    expect(path(gatewayWith(MAP, 'region'), 'aws-use1-a', 'aws-usw2-a', 'gcp-euw1-b')).toEqual([
      'aws-use1-a',
      'aws-usw2-a',
      'gcp-euw1-b',
      'aws-use1-b',
    ])
  })

  test('leaves less where the cloud, or the region, is the only one', () => {
    expect(path(gatewayWith(['aws/use1/a', 'aws/use1/b', 'aws/usw2/a'], 'cloud'), 'aws-use1-a')).toEqual(['aws-use1-a', 'aws-usw2-a'])
    expect(path(gatewayWith(['aws/use1/a', 'aws/use1/a2', 'aws/use1/b'], 'cloud'), 'aws-use1-a')).toEqual(['aws-use1-a', 'aws-use1-a2'])
    expect(path(gatewayWith(['aws/use1', 'aws/use1/b'], 'region'), 'aws-use1')).toEqual(['aws-use1', 'aws-use1-b'])
  })

  test('goes to no standby, and to nobody who is worse off, only to leave', () => {
    expect(path(gatewayWith(['aws/use1/a', 'aws/use1/b', 'gcp/euw1/b 1'], 'region'), 'aws-use1-a')).toEqual(['aws-use1-a', 'aws-use1-b'])
    const paused = gatewayWith(MAP, 'cloud')
    for (const candidate of paused.route.candidates.slice(3)) candidate.pausedUntil = (paused.now + 10_000) as typeof paused.now
    expect(path(paused, 'aws-use1-a')).toEqual(['aws-use1-a', 'aws-usw2-a'])
  })

  test('is the rescue of a slow one as well', () => {
    const gateway = gatewayWith(MAP, 'cloud')
    gateway.behaviours.set('aws-use1-a', answers(200, ms(1500)))
    expect(path(gateway)).toEqual(['aws-use1-a', 'gcp-euw1-b'])
  })
})

test('a pool whose regions are all different is ordered as it always was', () => {
  const places = ['aws/use1', 'gcp/euw1', 'azure/sea', 'own/fra']
  for (const steering of ['listed', 'weighted'] as const) {
    const orders = (['nothing', 'region'] as const).map((leave) => {
      const gateway = gatewayWith(places, leave, steering)
      return Array.from({ length: 50 }, () => path(gateway, 'aws-use1').join())
    })
    expect(orders[1], `seed ${SEED}`).toEqual(orders[0])
  }
})

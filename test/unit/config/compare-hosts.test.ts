/** Hosts of the gateway against routes and custom domains of wrangler.toml, as Cloudflare matches them. */
import { describe, expect, test } from 'vitest'
import { compareHosts } from '../../../cli/compare-hosts.ts'
import { loadText } from '../../../cli/load-gateway.ts'
import { document, told } from './documents.ts'

/** Defects of a route with these hosts (and perhaps paths) beside that wrangler.toml. */
function compare(route: string, toml: string): string[] {
  const { hosts } = loadText(document({ routes: `  - { ${route}, pool: shop }` }), 'g', { local: false })
  return compareHosts({ file: 'g', hosts }, { file: 'w', text: toml }).map(told)
}

const routes = (...patterns: readonly string[]) =>
  `routes = [${patterns.map((pattern) => (pattern.startsWith('{') ? pattern : `"${pattern}"`)).join(', ')}]`

describe('a host is covered', () => {
  test.each([
    { host: 'shop.example.com', toml: routes('{ pattern = "shop.example.com", custom_domain = true }') },
    { host: 'shop.example.com', toml: routes('shop.example.com/*') },
    { host: 'shop.example.com', toml: routes('https://shop.example.com/*') },
    { host: 'shop.example.com', toml: routes('*.example.com/*') },
    { host: 'a.b.example.com', toml: routes('*.example.com/*') },
    { host: 'example.com', toml: routes('*example.com/*') },
    { host: 'shop.example.com', toml: routes('*/*') },
    { host: '*.example.com', toml: routes('*.example.com/*') },
    { host: '*.shop.example.com', toml: routes('*.example.com/*') },
    { host: 'shop.example.com', toml: 'route = "shop.example.com/*"' },
    { host: 'shop.example.com', toml: 'route = { pattern = "shop.example.com/*", zone_name = "example.com" }' },
    { host: 'shop.example.com', toml: '[[routes]]\npattern = "shop.example.com/*"\nzone_id = "0"\n' },
    { host: 'shop.me.workers.dev', toml: 'name = "shop"\n' },
    { host: '*', toml: 'name = "shop"\n' },
    { host: '*', toml: routes('shop.example.com/*') },
  ])('$host by $toml', ({ host, toml }) => expect(compare(`hosts: ["${host}"]`, toml)).toEqual([]))

  test.each([
    { paths: '[/api]', toml: routes('shop.example.com/api*') },
    { paths: '[/api/v1]', toml: routes('shop.example.com/api/*') },
    { paths: '[{ exact: /ping }]', toml: routes('shop.example.com/ping') },
  ])('on the paths $paths by $toml', ({ paths, toml }) => expect(compare(`hosts: [shop.example.com], paths: ${paths}`, toml)).toEqual([]))
})

describe('a host is not covered', () => {
  test.each([
    { host: 'shop.example.com', toml: 'workers_dev = false' },
    { host: 'example.com', toml: routes('*.example.com/*') },
    { host: '*.example.com', toml: routes('shop.example.com/*') },
    { host: 'shop.me.workers.dev', toml: 'workers_dev = false' },
    { host: 'notexample.com', toml: routes('*.example.com/*') },
  ])('$host by $toml', ({ host, toml }) => {
    expect(compare(`hosts: ["${host}"]`, toml)[0]).toContain(
      `7:15  routes[0].hosts[0]  expected a host that a route or custom domain of w covers, found ${host}`,
    )
  })

  test('with what to add', () => {
    expect(compare('hosts: [shop.example.com]', '')).toEqual([
      'g:7:15  routes[0].hosts[0]  expected a host that a route or custom domain of w covers, found shop.example.com  (add { pattern = "shop.example.com", custom_domain = true } to its routes)',
    ])
  })

  test('on all of its paths', () => {
    expect(compare('hosts: [shop.example.com], paths: [/api, /img]', routes('shop.example.com/api*'))).toEqual([
      'g:7:15  routes[0].hosts[0]  expected a host that a route or custom domain of w covers with the path /img, found shop.example.com  (add { pattern = "shop.example.com/*", zone_name = "…" } to its routes)',
    ])
  })

  test('below a path that is covered alone', () => {
    expect(compare('hosts: [shop.example.com], paths: [/ping]', routes('shop.example.com/ping'))).toHaveLength(1)
  })
})

describe('wrangler.toml', () => {
  const good = 'hosts: [shop.example.com]'

  test('has a pattern that no host uses', () => {
    expect(compare(good, `# routes\n${routes('shop.example.com/*', 'old.example.com/*')}`)).toEqual([
      'w:2:33  routes[1]  expected a pattern that a host of g uses, found "old.example.com/*"  (remove routes[1])',
    ])
  })

  test('has a pattern that a wildcard uses', () => {
    expect(compare('hosts: ["*.example.com"]', routes('*.example.com/*', 'shop.example.com/*'))).toEqual([])
  })

  test.each([
    { why: 'no TOML', toml: 'routes = [', says: 'expected well-formed TOML' },
    {
      why: 'a custom domain with a path',
      toml: routes('{ pattern = "shop.example.com/*", custom_domain = true }'),
      says: 'a custom domain: a host without path',
    },
    { why: 'a pattern that is no text', toml: 'routes = [1]', says: 'a route pattern such as' },
  ])('is broken: $why', ({ toml, says }) => expect(compare(good, toml)[0]).toContain(says))
})

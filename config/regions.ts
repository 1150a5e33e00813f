/**
 * Where the regions of the large clouds stand, in degrees. Clouds publish a city or a state; the point is near its middle.
 * Good for ordering by distance, no better than 100 km.
 */
import type { Coordinates } from './base.ts'

/** Each line: a region, its latitude, its longitude. */
const TABLES: Readonly<Record<string, string>> = {
  aws: `
    us-east-1 39.04 -77.49
    us-east-2 39.96 -83.00
    us-west-1 37.35 -121.96
    us-west-2 45.84 -119.70
    us-gov-east-1 39.96 -83.00
    us-gov-west-1 45.84 -119.70
    ca-central-1 45.50 -73.57
    ca-west-1 51.05 -114.07
    mx-central-1 20.59 -100.39
    sa-east-1 -23.55 -46.63
    eu-west-1 53.35 -6.26
    eu-west-2 51.51 -0.13
    eu-west-3 48.86 2.35
    eu-central-1 50.11 8.68
    eu-central-2 47.38 8.54
    eu-north-1 59.33 18.07
    eu-south-1 45.46 9.19
    eu-south-2 41.65 -0.88
    af-south-1 -33.92 18.42
    il-central-1 32.08 34.78
    me-south-1 26.07 50.55
    me-central-1 25.20 55.27
    ap-south-1 19.08 72.88
    ap-south-2 17.39 78.49
    ap-southeast-1 1.35 103.82
    ap-southeast-2 -33.87 151.21
    ap-southeast-3 -6.21 106.85
    ap-southeast-4 -37.81 144.96
    ap-southeast-5 3.14 101.69
    ap-southeast-6 -36.85 174.76
    ap-southeast-7 13.76 100.50
    ap-east-1 22.32 114.17
    ap-east-2 25.03 121.57
    ap-northeast-1 35.68 139.69
    ap-northeast-2 37.57 126.98
    ap-northeast-3 34.69 135.50
    cn-north-1 39.90 116.41
    cn-northwest-1 37.51 105.19`,
  gcp: `
    us-central1 41.26 -95.86
    us-east1 33.20 -80.01
    us-east4 39.04 -77.49
    us-east5 39.96 -83.00
    us-south1 32.78 -96.80
    us-west1 45.60 -121.18
    us-west2 34.05 -118.24
    us-west3 40.76 -111.89
    us-west4 36.17 -115.14
    northamerica-northeast1 45.50 -73.57
    northamerica-northeast2 43.65 -79.38
    northamerica-south1 20.59 -100.39
    southamerica-east1 -23.55 -46.63
    southamerica-west1 -33.45 -70.67
    europe-central2 52.23 21.01
    europe-north1 60.57 27.19
    europe-north2 59.33 18.07
    europe-southwest1 40.42 -3.70
    europe-west1 50.47 3.87
    europe-west2 51.51 -0.13
    europe-west3 50.11 8.68
    europe-west4 53.44 6.84
    europe-west6 47.38 8.54
    europe-west8 45.46 9.19
    europe-west9 48.86 2.35
    europe-west10 52.52 13.41
    europe-west12 45.07 7.69
    africa-south1 -26.20 28.05
    me-central1 25.29 51.53
    me-central2 26.43 50.10
    me-west1 32.08 34.78
    asia-east1 24.07 120.54
    asia-east2 22.32 114.17
    asia-northeast1 35.68 139.69
    asia-northeast2 34.69 135.50
    asia-northeast3 37.57 126.98
    asia-south1 19.08 72.88
    asia-south2 28.61 77.21
    asia-southeast1 1.35 103.82
    asia-southeast2 -6.21 106.85
    asia-southeast3 13.76 100.50
    australia-southeast1 -33.87 151.21
    australia-southeast2 -37.81 144.96`,
  azure: `
    eastus 37.37 -79.82
    eastus2 36.67 -78.39
    centralus 41.59 -93.62
    northcentralus 41.88 -87.63
    southcentralus 29.42 -98.49
    westcentralus 40.89 -110.23
    westus 37.78 -122.42
    westus2 47.23 -119.85
    westus3 33.45 -112.07
    canadacentral 43.65 -79.38
    canadaeast 46.82 -71.22
    mexicocentral 20.59 -100.39
    brazilsouth -23.55 -46.63
    brazilsoutheast -22.91 -43.17
    chilecentral -33.45 -70.67
    northeurope 53.35 -6.26
    westeurope 52.37 4.90
    uksouth 51.51 -0.13
    ukwest 51.48 -3.18
    francecentral 46.38 2.37
    francesouth 43.83 2.10
    germanywestcentral 50.11 8.68
    germanynorth 53.07 8.81
    switzerlandnorth 47.45 8.56
    switzerlandwest 46.20 6.14
    norwayeast 59.91 10.75
    norwaywest 58.97 5.73
    swedencentral 60.67 17.14
    polandcentral 52.23 21.01
    italynorth 45.47 9.18
    spaincentral 40.42 -3.70
    austriaeast 48.21 16.37
    southafricanorth -25.73 28.22
    southafricawest -34.08 18.72
    uaenorth 25.27 55.32
    uaecentral 24.47 54.37
    qatarcentral 25.55 51.44
    israelcentral 32.08 34.78
    centralindia 18.58 73.92
    southindia 12.98 80.16
    westindia 19.09 72.87
    jioindiawest 22.47 70.06
    jioindiacentral 21.15 79.09
    eastasia 22.27 114.19
    southeastasia 1.28 103.83
    indonesiacentral -6.21 106.85
    malaysiawest 3.14 101.69
    japaneast 35.68 139.77
    japanwest 34.69 135.50
    koreacentral 37.57 126.98
    koreasouth 35.18 129.08
    australiaeast -33.86 151.21
    australiasoutheast -37.81 144.96
    australiacentral -35.31 149.12
    australiacentral2 -35.31 149.12
    newzealandnorth -36.85 174.76`,
  oracle: `
    us-ashburn-1 39.04 -77.49
    us-phoenix-1 33.45 -112.07
    us-chicago-1 41.88 -87.63
    us-sanjose-1 37.34 -121.89
    ca-toronto-1 43.65 -79.38
    ca-montreal-1 45.50 -73.57
    sa-saopaulo-1 -23.55 -46.63
    uk-london-1 51.51 -0.13
    eu-frankfurt-1 50.11 8.68
    eu-amsterdam-1 52.37 4.90
    eu-zurich-1 47.38 8.54
    eu-paris-1 48.86 2.35
    eu-madrid-1 40.42 -3.70
    eu-milan-1 45.46 9.19
    eu-stockholm-1 59.33 18.07
    me-dubai-1 25.20 55.27
    me-jeddah-1 21.49 39.19
    ap-mumbai-1 19.08 72.88
    ap-singapore-1 1.35 103.82
    ap-tokyo-1 35.68 139.69
    ap-osaka-1 34.69 135.50
    ap-seoul-1 37.57 126.98
    ap-sydney-1 -33.87 151.21
    ap-melbourne-1 -37.81 144.96`,
  digitalocean: `
    nyc1 40.71 -74.01
    nyc2 40.71 -74.01
    nyc3 40.71 -74.01
    sfo2 37.77 -122.42
    sfo3 37.77 -122.42
    tor1 43.65 -79.38
    atl1 33.75 -84.39
    ams3 52.37 4.90
    fra1 50.11 8.68
    lon1 51.51 -0.13
    blr1 12.97 77.59
    sgp1 1.35 103.82
    syd1 -33.87 151.21`,
}

const REGIONS: ReadonlyMap<string, ReadonlyMap<string, Coordinates>> = new Map(
  Object.entries(TABLES).map(([cloud, table]) => [cloud, new Map(table.trim().split('\n').map(readLine))]),
)

function readLine(line: string): readonly [string, Coordinates] {
  const [region = '', latitude, longitude] = line.trim().split(/\s+/)
  return [region, { latitude: Number(latitude), longitude: Number(longitude) }]
}

/** Where a region stands; undefined when the cloud or the region is not known. */
export const coordinatesOf = (cloud: string, region: string): Coordinates | undefined => REGIONS.get(cloud)?.get(region)

/** The known regions of a cloud; none when the cloud is not known. */
export const regionsOf = (cloud: string): readonly string[] => [...(REGIONS.get(cloud)?.keys() ?? [])]

/** The clouds whose regions are known. */
export const CLOUDS: readonly string[] = Object.keys(TABLES)

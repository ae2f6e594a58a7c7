import type { z } from 'zod'
import type { districtsResponse } from '#telemetry/rest.ts'
import type { OperationExamples } from './operation-examples.ts'
import { exampleDistrict, exampleWard } from './shared.ts'

const districts = {
  districts: [
    {
      id: exampleDistrict,
      name: { vi: 'Huyện Một', en: 'First district' },
      centre: [106.0985, 11.3102],
      outline: [
        [106.088, 11.353],
        [106.152, 11.331],
        [106.102, 11.268],
        [106.088, 11.353],
      ],
      wards: [{ id: exampleWard, name: { vi: 'Phường Một', en: 'First ward' }, centre: [106.1, 11.312] }],
      formerUnits: ['Phường 1', 'Phường 2'],
    },
  ],
} satisfies z.input<typeof districtsResponse>

/** Of the routes about the city itself. */
export const cityExamples: Readonly<Record<string, OperationExamples>> = {
  listDistricts: { answer: districts },
  getMap: {
    answer: {
      type: 'FeatureCollection',
      features: [
        {
          type: 'Feature',
          properties: { kind: 'road', id: 'ql22b', name: 'QL22B', name_en: 'National Road 22B', class: 'trunk' },
          geometry: {
            type: 'LineString',
            coordinates: [
              [106.15, 11.25],
              [106.12, 11.29],
            ],
          },
        },
      ],
    },
  },
  listRoads: {
    parameters: { kind: 'traffic' },
    answer: {
      type: 'FeatureCollection',
      features: [
        {
          type: 'Feature',
          properties: { id: 'base-map-tn-tr-1', name: 'Cách Mạng Tháng Tám', sensors: ['tn-tr-1'] },
          geometry: {
            type: 'LineString',
            coordinates: [
              [106.1021, 11.3066],
              [106.1097, 11.3031],
            ],
          },
        },
      ],
    },
  },
  getBaseMap: { answer: 'PMTiles\u0003…' },
  getConfiguration: {
    answer: {
      signedIn: true,
      openId: false,
      person: { name: 'An', role: 'viewer', rights: ['see'] },
      timeZone: 'Asia/Ho_Chi_Minh',
    },
  },
}

import { bandWords } from '#telemetry/glossary/vn-aqi-band.ts'
import { alertBands } from '#telemetry/kinds/air-quality/conditions.ts'
import { pm25Limits } from '#telemetry/kinds/air-quality/kind.ts'
import { aqiBands } from '#telemetry/vn-aqi.ts'
import { hysteresis } from '../alerts/rule-field.ts'
import type { ShownKind } from './shown-kind.ts'

const aboutNumber = {
  vi: 'Số trong hình là VN_AQI giờ (Quyết định 1459/QĐ-TCMT)',
  en: 'The number is the hourly VN_AQI (Decision 1459/QĐ-TCMT)',
}

export const shownAirQuality: ShownKind<'air-quality'> = {
  shape: { path: 'M6.5 0L3.25 5.6H-3.25L-6.5 0L-3.25-5.6H3.25Z', radius: 6.5, onMap: 5.2 },
  dot: 1.5,
  // its colours are for who asks for them
  layerOn: false,
  hasVnAqi: true,
  ofNewRule: true,
  conditions: {
    'vn-aqi': [
      {
        ...{ name: 'band', label: { vi: 'Từ mức VN_AQI', en: 'From this band of VN_AQI' }, type: 'choice' },
        choices: Object.fromEntries(alertBands.map((band) => [band, bandWords[band]])),
        initial: 'unhealthy',
      },
      hysteresis('number', '5'),
    ],
  },
  causes: { pm25: { vi: 'bụi PM2.5', en: 'PM2.5' } },
  noted: ({ format }) => [`PM2.5 > ${format.number(pm25Limits.noted)}\u00a0µg/m³`],
  legend: ({ language, kindName }) => ({
    title: `${kindName('air-quality')}: ${aboutNumber[language]}`,
    ofLayer: true,
    testId: 'aqi-legend',
    lines: aqiBands.map(({ rgb, upTo, ...name }, place) => ({
      rgb,
      text: `${place === 0 ? 0 : (aqiBands[place - 1]?.upTo ?? 0) + 1}–${upTo}: ${name[language]}`,
    })),
  }),
}

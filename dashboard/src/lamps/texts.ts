import type { LampOrder } from '#telemetry/command.ts'
import { overrideWords } from '#telemetry/glossary/lamp-override.ts'
import type { Language } from '#telemetry/language.ts'

const vi = {
  title: 'Điều khiển đèn',
  scope: 'Điều khiển',
  thisLamp: 'Chỉ đèn này',
  onRoad: (road: string, count: string) => `Cả đường ${road} (${count} đèn)`,
  inWard: (ward: string, count: string) => `Cả ${ward} (${count} đèn)`,
  filtered: (count: string) => `${count} đèn đang lọc`,
  on: 'Bật',
  off: 'Tắt',
  dim: (share: string) => `Giảm còn ${share}`,
  automatic: 'Chạy theo lịch',
  level: 'Mức sáng',
  duration: 'Giữ trong',
  durations: { always: overrideWords.untilNextCommand.vi, '1': '1 giờ', '4': '4 giờ', '12': '12 giờ' },
  /** the next sunset or sunrise; `time` is empty when it is not known */
  untilSwitching: (time: string) =>
    time === ''
      ? `${overrideWords.untilNextSwitching.vi} (chưa biết giờ: ${overrideWords.untilNextCommand.vi})`
      : `${overrideWords.untilNextSwitching.vi} (${time})`,
  /** `end` says until when */
  holds: (end: string) => `Lệnh giữ ${end}, sau đó đèn chạy theo lịch.`,
  manual: 'Điều khiển tay',
  since: (time: string) => `từ ${time}`,
  /** its newest reading, of that time, is not what the order asks for */
  contradicts: (time: string) => `Không làm theo lệnh (số đo lúc ${time})`,
  /** the list of lamps that follow a command instead of their schedule */
  overrides: {
    explain: 'Các đèn đang theo lệnh điều khiển tay, không theo lịch. Lệnh có hiệu lực khi đèn xác nhận.',
    contradicting: (count: string) => `${count} đèn không làm theo lệnh`,
    none: 'Không có đèn nào điều khiển tay: mọi đèn chạy theo lịch.',
    chooseAll: (count: string) => `Chọn tất cả ${count} đèn`,
    chooseNone: 'Bỏ chọn',
    choose: 'Chọn',
    end: (count: string) => `Cho ${count} đèn chạy theo lịch`,
    lamp: 'Đèn',
    order: 'Lệnh',
    now: 'Số đo mới nhất',
    by: 'Người ra lệnh',
    since: 'Từ lúc',
    until: 'Đến khi',
    comment: 'Ghi chú',
  },
  comment: 'Ghi chú (không bắt buộc)',
  /** asks before a group is commanded, for each order; `share` is of full light */
  confirm: {
    on: (count: string) => `Bật ${count} đèn?`,
    off: (count: string) => `Tắt ${count} đèn?`,
    automatic: (count: string) => `Cho ${count} đèn chạy theo lịch?`,
    dim: (count: string, share: string) => `Giảm sáng ${count} đèn còn ${share}?`,
  } satisfies Record<LampOrder['action'], (count: string, share: string) => string>,
  confirmHint: 'Lệnh được gửi ngay và ghi vào nhật ký.',
  cancel: 'Hủy',
  send: (count: string) => `Gửi đến ${count} đèn`,
  sending: 'Đang gửi…',
  awaiting: (acknowledged: string, total: string) => `${acknowledged} / ${total} đèn đã xác nhận, đang chờ…`,
  acknowledged: (acknowledged: string, total: string, time: string) =>
    `${acknowledged} / ${total} đèn đã xác nhận, chậm nhất sau ${time}`,
  acknowledgedOne: (time: string) => `Đèn đã xác nhận sau ${time}`,
  failed: (count: string) => `${count} đèn không thực hiện`,
  timedOut: 'không trả lời trong 10 giây',
  refused: (reason: string) => `từ chối: ${reason}`,
  unsent: 'chưa gửi được: mất kết nối với máy chủ MQTT',
  retry: (count: string) => (count === '1' ? 'Thử lại' : `Thử lại ${count} đèn`),
  more: (count: string) => `và ${count} đèn nữa`,
  by: (who: string, time: string) => `${who}, ${time}`,
  faults: {
    unreachable: 'Máy chủ không trả lời: chưa rõ lệnh đã gửi hay chưa. Hãy xem các lệnh bên dưới rồi thử lại.',
    busy: 'Còn quá nhiều đèn chưa trả lời. Hãy đợi vài giây rồi thử lại.',
    broker: 'Máy chủ MQTT không trả lời nên chưa đèn nào nhận lệnh. Hãy thử lại sau.',
    forbidden: 'Tài khoản này không có quyền điều khiển đèn.',
    other: (detail: string) => `Lệnh bị từ chối: ${detail}`,
  },
  notSent: (count: string) => `${count} đèn chưa được gửi lệnh.`,
}

/** Texts of the controls for lamps, which load when they are needed. Counts and shares come formatted. */
export type LampTexts = typeof vi

const en = {
  title: 'Lamp control',
  scope: 'Applies to',
  thisLamp: 'This lamp only',
  onRoad: (road, count) => `All of ${road} (${count} lamps)`,
  inWard: (ward, count) => `All of ${ward} (${count} lamps)`,
  filtered: (count) => `${count} filtered lamps`,
  on: 'On',
  off: 'Off',
  dim: (share) => `Dim to ${share}`,
  automatic: 'By schedule',
  level: 'Level',
  duration: 'Holds for',
  durations: { always: overrideWords.untilNextCommand.en, '1': '1 hour', '4': '4 hours', '12': '12 hours' },
  untilSwitching: (time) =>
    time === ''
      ? `${overrideWords.untilNextSwitching.en} (not known: ${overrideWords.untilNextCommand.en})`
      : `${overrideWords.untilNextSwitching.en} (${time})`,
  holds: (end) => `The order holds ${end}; then the lamps follow their schedule.`,
  manual: 'Manual',
  since: (time) => `since ${time}`,
  contradicts: (time) => `Does not follow the order (measured at ${time})`,
  overrides: {
    explain:
      'Lamps that follow a command instead of their schedule. A command counts once its lamp has acknowledged it.',
    contradicting: (count) => `${count} lamps do not follow their order`,
    none: 'No lamp is manual: all follow their schedule.',
    chooseAll: (count) => `Choose all ${count} lamps`,
    chooseNone: 'Choose none',
    choose: 'Choose',
    end: (count) => `Back to schedule: ${count} lamps`,
    lamp: 'Lamp',
    order: 'Order',
    now: 'Newest reading',
    by: 'By',
    since: 'Since',
    until: 'Until',
    comment: 'Comment',
  },
  comment: 'Comment (optional)',
  confirm: {
    on: (count) => `Switch on: ${count} lamps?`,
    off: (count) => `Switch off: ${count} lamps?`,
    automatic: (count) => `Back to schedule: ${count} lamps?`,
    dim: (count, share) => `Dim to ${share}: ${count} lamps?`,
  },
  confirmHint: 'The command goes out at once and into the audit log.',
  cancel: 'Cancel',
  send: (count) => `Send to ${count} lamps`,
  sending: 'Sending…',
  awaiting: (acknowledged, total) => `${acknowledged} of ${total} lamps acknowledged, waiting…`,
  acknowledged: (acknowledged, total, time) =>
    `${acknowledged} of ${total} lamps acknowledged, the slowest after ${time}`,
  acknowledgedOne: (time) => `The lamp acknowledged after ${time}`,
  failed: (count) => (count === '1' ? '1 lamp did not obey' : `${count} lamps did not obey`),
  timedOut: 'no answer within 10 s',
  refused: (reason) => `refused: ${reason}`,
  unsent: 'not sent: the MQTT broker was lost',
  retry: (count) => (count === '1' ? 'Try again' : `Try these ${count} lamps again`),
  more: (count) => `and ${count} more`,
  by: (who, time) => `${who}, ${time}`,
  faults: {
    unreachable:
      'The server did not answer, so it is not known whether the command went out. See the commands below, then try again.',
    busy: 'Too many lamps have not answered yet. Wait some seconds and try again.',
    broker: 'The MQTT broker does not answer, so no lamp was sent anything. Try again later.',
    forbidden: 'This account may not command lamps.',
    other: (detail) => `The command was refused: ${detail}`,
  },
  notSent: (count) => `${count} lamps were sent nothing.`,
} satisfies LampTexts

/** The texts of a language. */
export const lampTexts: Readonly<Record<Language, LampTexts>> = { vi, en }

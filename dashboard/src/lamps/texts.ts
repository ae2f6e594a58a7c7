import type { LampOrder } from '#telemetry/command.ts'
import type { Language } from '#telemetry/language.ts'

/** Texts of the controls for lamps, which load when they are needed. Counts and shares come formatted. */
export interface LampTexts {
  title: string
  scope: string
  thisLamp: string
  onRoad: (road: string, count: string) => string
  inWard: (ward: string, count: string) => string
  filtered: (count: string) => string
  on: string
  off: string
  dim: (share: string) => string
  automatic: string
  level: string
  holds: string
  holdsFor: Record<'always' | '1' | '4' | '12', string>
  comment: string
  /** asks before a group is commanded; `what` is one of `orders` */
  confirm: (what: string, count: string) => string
  confirmHint: string
  cancel: string
  go: (count: string) => string
  /** what an order says, such as "dim to 40 %" */
  orders: Record<Exclude<LampOrder['action'], 'dim'>, string> & { dim: (share: string) => string }
  until: (time: string) => string
  sending: string
  awaiting: (acknowledged: string, total: string) => string
  done: (acknowledged: string, total: string, time: string) => string
  doneOne: (time: string) => string
  failed: (count: string) => string
  silent: string
  refused: (reason: string) => string
  unsent: string
  again: (count: string) => string
  more: (count: string) => string
  by: (who: string, time: string) => string
  faults: { unreachable: string; busy: string; broker: string; forbidden: string; other: (detail: string) => string }
  notSent: (count: string) => string
}

const vi: LampTexts = {
  title: 'Điều khiển đèn',
  scope: 'Điều khiển',
  thisLamp: 'Chỉ đèn này',
  onRoad: (road, count) => `Cả đường ${road} (${count} đèn)`,
  inWard: (ward, count) => `Cả ${ward} (${count} đèn)`,
  filtered: (count) => `${count} đèn đang lọc`,
  on: 'Bật',
  off: 'Tắt',
  dim: (share) => `Giảm còn ${share}`,
  automatic: 'Theo lịch',
  level: 'Mức sáng',
  holds: 'Giữ trong',
  holdsFor: { always: 'đến lệnh sau', '1': '1 giờ', '4': '4 giờ', '12': '12 giờ' },
  comment: 'Ghi chú (không bắt buộc)',
  confirm: (what, count) => `${what} ${count} đèn?`,
  confirmHint: 'Lệnh được gửi ngay và ghi vào nhật ký.',
  cancel: 'Thôi',
  go: (count) => `Gửi đến ${count} đèn`,
  orders: {
    on: 'Bật',
    off: 'Tắt',
    automatic: 'Trả về lịch cho',
    dim: (share) => `Giảm sáng còn ${share} cho`,
  },
  until: (time) => `đến ${time}`,
  sending: 'Đang gửi…',
  awaiting: (acknowledged, total) => `${acknowledged} / ${total} đèn đã xác nhận, đang chờ…`,
  done: (acknowledged, total, time) => `${acknowledged} / ${total} đèn đã xác nhận, chậm nhất sau ${time}`,
  doneOne: (time) => `Đèn đã xác nhận sau ${time}`,
  failed: (count) => `${count} đèn không thực hiện`,
  silent: 'không trả lời trong 10 giây',
  refused: (reason) => `từ chối: ${reason}`,
  unsent: 'chưa gửi được: mất kết nối với máy chủ MQTT',
  again: (count) => (count === '1' ? 'Thử lại' : `Thử lại ${count} đèn`),
  more: (count) => `và ${count} đèn nữa`,
  by: (who, time) => `${who}, ${time}`,
  faults: {
    unreachable: 'Máy chủ không trả lời: chưa rõ lệnh đã gửi hay chưa. Hãy xem các lệnh bên dưới rồi thử lại.',
    busy: 'Còn quá nhiều đèn chưa trả lời. Hãy đợi vài giây rồi thử lại.',
    broker: 'Máy chủ MQTT không trả lời nên chưa đèn nào nhận lệnh. Hãy thử lại sau.',
    forbidden: 'Tài khoản này không có quyền điều khiển đèn.',
    other: (detail) => `Lệnh bị từ chối: ${detail}`,
  },
  notSent: (count) => `${count} đèn chưa được gửi lệnh.`,
}

const en: LampTexts = {
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
  holds: 'Holds for',
  holdsFor: { always: 'until the next command', '1': '1 hour', '4': '4 hours', '12': '12 hours' },
  comment: 'Comment (optional)',
  confirm: (what, count) => `${what}: ${count} lamps?`,
  confirmHint: 'The command goes out at once and into the audit trail.',
  cancel: 'Cancel',
  go: (count) => `Send to ${count} lamps`,
  orders: {
    on: 'Switch on',
    off: 'Switch off',
    automatic: 'Back to schedule',
    dim: (share) => `Dim to ${share}`,
  },
  until: (time) => `until ${time}`,
  sending: 'Sending…',
  awaiting: (acknowledged, total) => `${acknowledged} of ${total} acknowledged, waiting…`,
  done: (acknowledged, total, time) => `${acknowledged} of ${total} acknowledged, the slowest after ${time}`,
  doneOne: (time) => `The lamp acknowledged after ${time}`,
  failed: (count) => (count === '1' ? '1 lamp did not obey' : `${count} lamps did not obey`),
  silent: 'no answer within 10 s',
  refused: (reason) => `refused: ${reason}`,
  unsent: 'not sent: the MQTT broker was lost',
  again: (count) => (count === '1' ? 'Try again' : `Try these ${count} again`),
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
}

/** The texts of a language. */
export const lampTexts: Readonly<Record<Language, LampTexts>> = { vi, en }

/**
 * What the model says of records, in Korean. A name stands before a colon rather than with a particle, which would depend on how the
 * name ends.
 */
import type { CauseWords } from '../../sim/check/causeWords.ts';
import type { sentencesEnglish } from './sentencesEnglish.ts';

export const sentencesKorean: Readonly<Record<keyof typeof sentencesEnglish, string>> = {
  because: '{what} — 이유: {seconds}초 {cause} (#{id})',
  first: '{what} — 맨 처음에 있던 것으로, 앞선 원인이 없음',
  message: '{node}: {from}의 {word} 도착, 보낸 지 {took} ms 만',
  emptyMessage: '{node}: {from}의 빈 세그먼트 도착, 보낸 지 {took} ms 만',
  segment: '{node}: 세그먼트 도착',
  timer: '{node}: 타이머 만료',
  complete: '{node}: {operation} 끝남, 결과 {outcome}',
  invoke: '{node}: 요청 시작',
  struck: '계획의 {what} 적용, 대상 {whom}',
  struckNobody: '계획의 {what} 적용, 대상 없음',
  ended: '{what} 끝남',
  plan: '계획에 적힌 시각이 됨',
  drop: '{node} → {to}: {bytes}바이트 유실, {reason}',
  log: '{node} 로그: {message}',
  fileSync: '{node}: 디스크 동기화 끝남',
  kill: '{node}: 강제 종료됨',
  exit: '{node}: 상태 {status}로 종료됨',
  power: '{node}: 전원이 끊김',
  other: '{node}: {kind} 이벤트',
  noted: '{node}: {kind} 기록',
  primary: '{node}: 프라이머리가 됨',
  follows: '{node}: 이제 {primary}의 복제본',
  followsNobody: '{node}: 따르는 프라이머리 없음',
  sync: '{node}: 동기화 상태 {state}: {detail}',
  believes: '{node}: 프라이머리는 {primary}(이)라고 앎',
  believesNobody: '{node}: 프라이머리가 없다고 앎',
  sentinel: '{node} 알림: {event} {detail}',
  vote: '{node}: 에포크 {epoch}에서 투표',
  cluster: '{node}: {other} 판정 {event} {detail}',
  slots: '{node}: 슬롯 {count}개의 주인은 {owner}(이)라고 앎',
  slotsNobody: '{node}: 슬롯 {count}개에 주인이 없다고 앎',
  replica: '{node}: 복제본 {replica} {event} {detail}',
  mark: '{node}: {name} 상태에 이름',
};

/** Decisions and what they rest on: see `sim/check/causeWords.ts`. */
export const causeWordsKorean: CauseWords = {
  odown: '{node}: {name} 객관적 다운(ODOWN) 판정, {agreeing}개 동의, 쿼럼 {quorum}',
  vote: '{node}: {name}의 에포크 {epoch}에서 {candidate}에 투표',
  forced: '{node}: {name}의 장애 조치를 지시받음',
  elected: '{node}: {name}의 에포크 {epoch}에서 {known}표 중 {votes}표로 선출됨',
  selected: '{node}: {name}의 새 프라이머리로 {replica} 선택',
  gaveUp: '{node}: 프라이머리와의 연결 포기: {detail}',
  lostReplica: '{node}: 복제본 {replica} 연결을 잃음',
  serves: '{node}: 이제부터 슬롯 {count}개를 맡음, 에포크 {epoch}',
  pfail: '{node}: 노드 타임아웃 동안 {other}에서 아무것도 듣지 못함',
  fail: '{node}: {other} 장애(FAIL) 판정, 프라이머리 {detail}개가 동의',
  told: '{node}: {reporters}에서 {other}의 장애를 전해 들음',
  election: '{node}: {other}의 자리를 맡으려고 에포크 {epoch}에서 투표 요청, {detail}',
  stopped: '{node}: 서비스 중지: {detail}',
  sdown: '{node}: down-after-milliseconds 동안 {other}에서 유효한 응답이 없음',
  began: '{node}: {name}의 장애 조치 시작',
  switched: '{node}: 전환: {detail}',
  exit: '{node}: 상태 {status}로 종료됨',
  struck: '{what} 적용: {whom}',
  sentence: '{seconds}초 {what} (#{id})',
  silence: '{sentence}, 마지막으로 들은 것은 #{last}',
  because: '이유: {sentence}',
};

// SPDX-License-Identifier: MIT
/** 21-iocp-echo, as data: epoll-echo's clients and rules, on another interface. */
import { echoLives } from "@c10kata/03-epoll-echo/lives.ts";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { dirname } from "node:path";
import { servesInWine, someRealByte, wineEvidence } from "./wine.ts";

/** Bytes and connections move by overlapped requests alone. */
const IMPORTS = [
  ..."WSASocketW winsock_socket winsock_bind winsock_listen winsock_getsockname winsock_setsockopt winsock_shutdown".split(
    " ",
  ),
  ..."closesocket WSAIoctl AcceptEx WSARecv WSASend WSAGetLastError WSASetLastError".split(" "),
  ..."CreateIoCompletionPort GetQueuedCompletionStatus GetQueuedCompletionStatusEx PostQueuedCompletionStatus".split(
    " ",
  ),
  ..."CancelIoEx CloseHandle SetFileCompletionNotificationModes SetHandleInformation GetLastError SetLastError".split(
    " ",
  ),
  ..."GetTickCount64 inet_pton htons htonl ntohs ntohl".split(" "),
  ...calls("memory"),
];

/** Windows interrupts no call; what a child inherits is a flag of another name; sockets are made ahead. */
const NOT_HERE = ["closed_on_exec", "interrupted_calls", "one_descriptor_each"];

const shared = echoLives({
  kernels_memory: { scenario: "late", points: 12, lives: 1_200 },
  all_taken: { scenario: "untaken", points: 10, lives: 1_200 },
  not_inherited: { scenario: "on_exec", points: 3, lives: 300 },
  packets_per_message: { scenario: "cost", points: 12, lives: 120 },
});

export default defineKata({
  id: "21-iocp-echo",
  title: "IOCP echo",
  idea: "the same server on a completion port, as on Windows: packets tell what has been done",
  after: ["03"],
  folder: dirname(import.meta.dir),
  drivers: ["katas/03-epoll-echo/grader"],
  headers: ["native/simkernel/windows"],
  edits: ["iocp_echo.c"],
  baseline: "baseline.c",
  box: "B",
  exports: ["echo_listen", "echo_serve"],
  imports: IMPORTS,
  functions: {},
  scripts: [],
  simulated: { checks: shared.filter(({ id }) => !NOT_HERE.includes(id)) },
  scenarios: [
    { id: "one_byte", build: "mingw", deadline_ms: 60_000, evidence: wineEvidence, checks: [someRealByte] },
    {
      id: "in_wine",
      build: "mingw",
      params: { clients: 150, stream_kib: 512 },
      deadline_ms: 60_000,
      evidence: wineEvidence,
      checks: [servesInWine],
    },
  ],
  hints: [
    `Draw one connection with its OVERLAPPED and its buffer. Mark who owns them at each moment: you, or the kernel? Every arrow
from the kernel to you is a packet. Which calls have one although they answered at once, and which have none?`,
    `Count the requests of which a packet will come: one more for each call that succeeds or is pending, one less for each
packet. The count tells when a connection may be freed, and when echo_serve may return. What do you do with the packet of a
socket that you have closed already?`,
    `Give each connection one request at a time: receive, then send what came, then receive again. Keep a few AcceptEx under way,
each with a socket made ahead; one whose socket cannot be made is tried again after a timeout of the wait, by the clock. At the
stop cancel everything, and go on taking packets until the count is 0.`,
  ],
});

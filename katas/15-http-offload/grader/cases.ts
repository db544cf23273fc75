// SPDX-License-Identifier: MIT
/** Requests, each with the section of the RFC that it is about, and what a server answers. A file without section numbers means RFC 9112. */

export interface Case {
  /** "9112 5.1", and in a few words what it is about. */
  section: string;
  title: string;
  bytes: string;
  /** As grader/answers.c tells them, without the end. */
  answers: string[];
  /** A status that is as good as the refusal's. */
  other?: number;
  /** A client that expects 100-continue waits before this byte. */
  waitAt?: number;
  /** Which requests are HEAD: bit by bit. */
  heads?: number;
}

/** Behind every case: after a refusal nobody may answer it. */
const NEXT = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n";
const NEXT_ANSWER = "200 <GET /next>";

export const HEADER_MAX = 4096;
export const BODY_MAX = 10_000;

type More = Omit<Partial<Case>, "section" | "title" | "bytes" | "answers">;

/** Answered, and the connection stays. */
const fine = (section: string, title: string, bytes: string, answer: string | string[], more: More = {}): Case => ({
  section,
  title,
  bytes: bytes + NEXT,
  answers: [...[answer].flat(), NEXT_ANSWER],
  ...more,
});

/** Answered, and the connection ends. */
const last = (section: string, title: string, bytes: string, answer: string, more: More = {}): Case => ({
  section,
  title,
  bytes: bytes + NEXT,
  answers: [`${answer} close`],
  ...more,
});

const refused = (status: number, section: string, title: string, bytes: string, other?: number): Case =>
  last(section, title, bytes, `${status}`, other ? { other } : {});

const get = (target: string, fields = "") => `GET ${target} HTTP/1.1\r\nHost: h\r\n${fields}\r\n`;
const post = (fields: string, body = "", version = "1.1") =>
  `POST /p HTTP/${version}\r\nHost: h\r\n${fields}\r\n${body}`;
const chunked = (body: string, fields = "") => post(`Transfer-Encoding: chunked\r\n${fields}`, body);
const bytes = (size: number, letter = "x") => letter.repeat(size);
const bad = (section: string, title: string, text: string, other?: number) => refused(400, section, title, text, other);

/** A request line of `size` bytes, CRLF with it. */
const lineOf = (size: number) => `GET /${bytes(size - 16, "a")} HTTP/1.1\r\n`;
/** A whole head of `size` bytes. */
const headOf = (size: number, first = "GET /h HTTP/1.1\r\nHost: h\r\n") =>
  `${first}X: ${bytes(size - first.length - 7)}\r\n\r\n`;

export const requestLines: Case[] = [
  fine("9112 3", "a plain request", get("/"), "200 <GET />"),
  fine("9112 3.2.1", "a query", get("/a?b=c&d"), "200 <GET /a?b=c&d>"),
  fine("9112 3.2.1", "an empty query", get("/a?"), "200 <GET /a?>"),
  fine("9112 3.2.1", "percent signs are passed on", get("/%41%2f"), "200 <GET /%41%2f>"),
  fine("9112 3.2.1", "two slashes", get("//a//b"), "200 <GET //a//b>"),
  fine("9112 3.2.1", "dots are passed on", get("/../a"), "200 <GET /../a>"),
  fine("9110 9.3.4", "PUT", "PUT /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok", "200 <PUT /p ok>"),
  fine("9110 9.3.5", "DELETE without a body", "DELETE /d HTTP/1.1\r\nHost: h\r\n\r\n", "200 <DELETE /d>"),
  fine("5789 2", "PATCH", "PATCH /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok", "200 <PATCH /p ok>"),
  fine("9110 9.3.7", "OPTIONS of a path", "OPTIONS /o HTTP/1.1\r\nHost: h\r\n\r\n", "200 <OPTIONS /o>"),
  fine("9112 3.2.4", "OPTIONS of the server", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "200 <OPTIONS *>"),
  fine("9112 3.2.2", "absolute form", get("http://h/a?b"), "200 <GET /a?b>"),
  fine("9112 3.2.2", "absolute form without a path", get("http://h"), "200 <GET />"),
  fine("9112 3.2.2", "absolute form, a query and no path", get("http://h?q"), "200 <GET /?q>"),
  fine("9112 3.2.2", "absolute form with a port", get("http://h:8080/a"), "200 <GET /a>"),
  fine("9110 4.2.3", "the scheme in capitals", get("HTTP://h/a"), "200 <GET /a>"),
  fine("9112 2.2", "an empty line before the request", `\r\n${get("/e")}`, "200 <GET /e>"),
  fine("9110 2.5", "a later minor version", "GET /v HTTP/1.2\r\nHost: h\r\n\r\n", "200 <GET /v>"),
  fine("9110 9.3.2", "HEAD has a length and no body", "HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\n", "200 length 9", {
    heads: 1,
  }),
  fine("9110 9.3.2", "HEAD of what has no body", "HEAD /empty HTTP/1.1\r\nHost: h\r\n\r\n", "200 length 0", {
    heads: 1,
  }),
  fine("9110 15.3.5", "204 has neither body nor length", get("/status/204"), "204"),
  fine("9110 15.4.5", "304 has no body", get("/status/304"), "304"),
  fine("9110 15", "a status of the handler's", get("/status/404"), "404"),
  fine("9110 15.6.1", "99 is no status", get("/status/99"), "500"),
  fine("9110 15.6.1", "a status above all", get("/status/600"), "500"),
  fine("9110 15.6.1", "an interim status is no answer", get("/status/100"), "500"),
  fine("9110 8.6", "no body: a length of 0", get("/empty"), "200"),
  fine("9110 8.6", "a response of 9 bytes whose body is NULL, and release is set", get("/nothing"), "200"),
  last("9112 9.3", "HTTP/1.0", "GET /o HTTP/1.0\r\n\r\n", "200 <GET /o>"),
  last("9112 3.2", "HTTP/1.0 with a Host", "GET /o HTTP/1.0\r\nHost: h\r\n\r\n", "200 <GET /o>"),
  refused(501, "9110 9.1", "a method that nobody knows", "BREW / HTTP/1.1\r\nHost: h\r\n\r\n"),
  refused(501, "9110 9.1", "methods know capitals", "get / HTTP/1.1\r\nHost: h\r\n\r\n"),
  refused(501, "9110 9.1", "a method that begins like one", "GETS / HTTP/1.1\r\nHost: h\r\n\r\n"),
  refused(501, "9110 9.1", "a method that is one's beginning", "GE / HTTP/1.1\r\nHost: h\r\n\r\n"),
  refused(501, "9110 5.6.2", "every byte that a token may have", "!#$%&'*+-.^_`|~09azAZ / HTTP/1.1\r\nHost: h\r\n\r\n"),
  refused(405, "9110 9.3.6", "CONNECT", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n"),
  refused(405, "9110 9.3.8", "TRACE", "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n"),
  refused(505, "9110 15.6.6", "HTTP/2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n"),
  refused(505, "9110 15.6.6", "HTTP/0.9", "GET / HTTP/0.9\r\nHost: h\r\n\r\n"),
  refused(505, "9110 15.6.6", "HTTP/9.9", "GET / HTTP/9.9\r\nHost: h\r\n\r\n"),
  refused(505, "9113 3.4", "HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 501),
  bad("9112 3", "no version", "GET /\r\nHost: h\r\n\r\n"),
  bad("9112 3", "only a method", "GET\r\nHost: h\r\n\r\n"),
  bad("9112 3", "no target", "GET  HTTP/1.1\r\nHost: h\r\n\r\n"),
  bad("9112 3", "two spaces before the target", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"),
  bad("9112 3", "two spaces before the version", "GET /  HTTP/1.1\r\nHost: h\r\n\r\n"),
  bad("9112 3", "a space behind the version", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n"),
  bad("9112 3", "a space before the method", " GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
  bad("9112 3", "tabs in place of spaces", "GET\t/\tHTTP/1.1\r\nHost: h\r\n\r\n"),
  bad("9112 3.2", "a space in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"),
  bad("9112 3.2", "a tab in the target", "GET /a\tb HTTP/1.1\r\nHost: h\r\n\r\n"),
  bad("9112 3.2", "a zero byte in the target", "GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n"),
  bad("3986 3.5", "a fragment in the target", get("/a#b")),
  bad("9112 3.2", "a byte above 126 in the target", get("/\x7f")),
  bad("3986 2", "a byte above 127 in the target", get("/\xe9")),
  bad("9112 3.2", "a target that is no path", get("a/b")),
  bad("9112 3.2.4", "* with GET", get("*")),
  bad("9112 3.2.4", "two stars", "OPTIONS ** HTTP/1.1\r\nHost: h\r\n\r\n"),
  bad("9112 3.2.3", "authority form with GET", get("h:80")),
  bad("9110 4.2.1", "absolute form without a host", get("http:///a")),
  bad("9112 3.2.2", "absolute form, braces in the host", get("http://h{}/a")),
  bad("9112 2.3", "a version with one number", "GET / HTTP/1\r\nHost: h\r\n\r\n"),
  bad("9112 2.3", "a version with two digits", "GET / HTTP/1.10\r\nHost: h\r\n\r\n"),
  bad("9112 2.3", "a version with a digit more in front", "GET / HTTP/01.1\r\nHost: h\r\n\r\n"),
  bad("9112 2.3", "a version in small letters", "GET / http/1.1\r\nHost: h\r\n\r\n"),
  bad("9112 2.3", "another protocol", "GET / HTTPS/1.1\r\nHost: h\r\n\r\n"),
  bad("9112 2.3", "a version with a comma", "GET / HTTP/1,1\r\nHost: h\r\n\r\n"),
  bad("9112 2.3", "a version with letters", "GET / HTTP/1.x\r\nHost: h\r\n\r\n"),
  bad("9110 5.6.2", "a method with a colon", "G:T / HTTP/1.1\r\nHost: h\r\n\r\n"),
  bad("9110 5.6.2", "a method with a byte above 127", "G\xc9T / HTTP/1.1\r\nHost: h\r\n\r\n"),
  bad("9110 5.6.2", "a method with a zero byte", "GET\0 / HTTP/1.1\r\nHost: h\r\n\r\n"),
  bad("9112 2.2", "a line that ends with LF", "GET / HTTP/1.1\nHost: h\r\n\r\n"),
  bad("9112 2.2", "CR in a request line", "GET /\r HTTP/1.1\r\nHost: h\r\n\r\n"),
  bad("9112 2.2", "two CR at the end of a line", "GET / HTTP/1.1\r\r\nHost: h\r\n\r\n"),
  bad("9112 2.2", "an empty line of LF alone", `\n${get("/")}`),
];

export const fields: Case[] = [
  fine("9110 5.1", "names in any case", "GET /c HTTP/1.1\r\nhOST: h\r\n\r\n", "200 <GET /c>"),
  fine("9112 5", "no space behind the colon", "GET /c HTTP/1.1\r\nHost:h\r\n\r\n", "200 <GET /c>"),
  fine("9112 5", "spaces and tabs around a value", "GET /c HTTP/1.1\r\nHost: \t h\t \r\n\r\n", "200 <GET /c>"),
  fine("9110 5.5", "an empty value", get("/c", "X-Empty:\r\n"), "200 <GET /c>"),
  fine("9110 5.5", "a tab within a value", get("/c", "X: a\tb\r\n"), "200 <GET /c>"),
  fine("9110 5.5", "bytes above 127 in a value", get("/c", "X: caf\xe9\r\n"), "200 <GET /c>"),
  fine("9110 5.6.2", "a name of every token byte", get("/c", "!#$%&'*+-.^_`|~09azAZ: 1\r\n"), "200 <GET /c>"),
  fine("9110 5.3", "a field of no meaning twice", get("/c", "X: 1\r\nX: 2\r\n"), "200 <GET /c>"),
  fine("9112 3.2", "an empty Host", "GET /c HTTP/1.1\r\nHost:\r\n\r\n", "200 <GET /c>"),
  fine("9110 7.2", "Host with a port", "GET /c HTTP/1.1\r\nHost: h:8080\r\n\r\n", "200 <GET /c>"),
  fine("9110 7.2", "Host that is an IPv6 address", "GET /c HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "200 <GET /c>"),
  fine("9110 7.2", "Host that is not the target's", get("http://other/c"), "200 <GET /c>"),
  fine("9112 9.3", "keep-alive is no close", get("/c", "Connection: keep-alive\r\n"), "200 <GET /c>"),
  fine("9110 7.6.1", "a word that has close in it", get("/c", "Connection: closed, not-close\r\n"), "200 <GET /c>"),
  fine("9110 7.6.1", "close in another field", get("/c", "X-Connection: close\r\n"), "200 <GET /c>"),
  fine("9110 10.1.1", "an expectation without a body", get("/c", "Expect: 100-continue\r\n"), "200 <GET /c>"),
  fine(
    "9110 7.8",
    "an upgrade that nobody offers",
    get("/c", "Upgrade: h2c\r\nConnection: Upgrade\r\n"),
    "200 <GET /c>",
  ),
  last("9112 9.6", "close", get("/c", "Connection: close\r\n"), "200 <GET /c>"),
  last("9110 7.6.1", "close in any case", get("/c", "connection: CLOSE\r\n"), "200 <GET /c>"),
  last("9110 7.6.1", "close in a list", get("/c", "Connection: a, close ,b\r\n"), "200 <GET /c>"),
  last("9110 7.6.1", "close behind empty list members", get("/c", "Connection: ,, close\r\n"), "200 <GET /c>"),
  last(
    "9110 5.3",
    "close in a second field",
    get("/c", "Connection: keep-alive\r\nConnection: close\r\n"),
    "200 <GET /c>",
  ),
  last("9110 7.6.1", "close wins over keep-alive", get("/c", "Connection: close, keep-alive\r\n"), "200 <GET /c>"),
  bad("9112 3.2", "no Host", "GET / HTTP/1.1\r\n\r\n"),
  last("9110 9.3.2", "a HEAD that is refused: no body either", "HEAD / HTTP/1.1\r\n\r\n", "400", { heads: 1 }),
  bad("9112 3.2", "no Host, in absolute form", "GET http://h/ HTTP/1.1\r\n\r\n"),
  bad("9110 2.5", "no Host in HTTP/1.3", "GET / HTTP/1.3\r\n\r\n"),
  bad("9112 3.2", "two Host", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
  bad("9112 3.2", "two equal Host", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
  bad("9112 3.2", "two Host, of which one is empty", "GET / HTTP/1.1\r\nHost:\r\nHost: a\r\n\r\n"),
  bad("9112 3.2", "two Host in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n"),
  bad("9110 7.2", "a list of hosts", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
  bad("9110 7.2", "Host with a slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
  bad("9110 7.2", "Host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
  bad("9110 7.2", "Host with a question mark", "GET / HTTP/1.1\r\nHost: a?b\r\n\r\n"),
  bad("9110 7.2", "Host with a quotation mark", 'GET / HTTP/1.1\r\nHost: "a"\r\n\r\n'),
  bad("9112 5.1", "a space before the colon", "GET / HTTP/1.1\r\nHost : h\r\n\r\n"),
  bad("9112 5.1", "a tab before the colon", get("/", "X\t: 1\r\n")),
  bad("9112 5.2", "a folded line", get("/", "X: 1\r\n 2\r\n")),
  bad("9112 5.2", "a line folded with a tab", get("/", "X: 1\r\n\t2\r\n")),
  bad("9112 2.2", "a space before the first field", "GET / HTTP/1.1\r\n Host: h\r\n\r\n"),
  bad("9112 5.2", "a line of spaces alone", get("/", "  \r\n")),
  bad("9112 5", "no colon", get("/", "X 1\r\n")),
  bad("9112 5", "a name without colon or value", get("/", "X\r\n")),
  bad("9112 5", "no name", get("/", ": 1\r\n")),
  bad("9110 5.6.2", "a space in a name", get("/", "X Y: 1\r\n")),
  bad("9110 5.6.2", "a slash in a name", get("/", "X/Y: 1\r\n")),
  bad("9110 5.6.2", "a byte above 127 in a name", get("/", "X\xe9: 1\r\n")),
  bad("9110 5.6.2", "a zero byte in a name", get("/", "X\0Y: 1\r\n")),
  bad("9110 5.5", "a zero byte in a value", get("/", "X: a\0b\r\n")),
  bad("9110 5.5", "a control byte in a value", get("/", "X: a\x01b\r\n")),
  bad("9110 5.5", "DEL in a value", get("/", "X: a\x7fb\r\n")),
  bad("9112 2.2", "CR in a value", get("/", "X: a\rb\r\n")),
  bad("9112 2.2", "CR and a field behind it", get("/", "X: a\rY: b\r\n")),
  bad("9112 2.2", "a field that ends with LF", get("/", "X: a\n")),
  bad("9112 2.2", "an empty line of LF alone", "GET / HTTP/1.1\r\nHost: h\r\n\n"),
  bad("9112 2.2", "an empty line of CR CR LF", "GET / HTTP/1.1\r\nHost: h\r\n\r\r\n"),
];

export const bodies: Case[] = [
  fine("9112 6.2", "a body of known length", post("Content-Length: 5\r\n", "hello"), "200 <POST /p hello>"),
  fine("9112 6.2", "an empty body", post("Content-Length: 0\r\n"), "200 <POST /p>"),
  fine("9110 8.6", "zeros before a length", post("Content-Length: 005\r\n", "hello"), "200 <POST /p hello>"),
  fine("9110 8.6", "spaces around a length", post("Content-Length: \t5 \r\n", "hello"), "200 <POST /p hello>"),
  fine("9110 5.1", "its name in capitals", post("CONTENT-LENGTH: 5\r\n", "hello"), "200 <POST /p hello>"),
  fine("9112 6", "any bytes", post("Content-Length: 4\r\n", "\0\r\n\xff"), "200 <POST /p \\x00\\x0d\\x0a\\xff>"),
  fine("9112 6", "a body that looks like a request", post(`Content-Length: ${NEXT.length}\r\n`, NEXT), [
    `200 <POST /p ${NEXT.replaceAll("\r\n", "\\x0d\\x0a")}>`,
  ]),
  fine("9110 9.3.1", "GET with a body", get("/g", "Content-Length: 2\r\n") + "ok", "200 <GET /g ok>"),
  fine(
    "9110 9.3.5",
    "DELETE with a body",
    "DELETE /d HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok",
    "200 <DELETE /d ok>",
  ),
  fine(
    "9110 9.3.2",
    "HEAD with a body",
    "HEAD /d HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok",
    "200 length 10",
    { heads: 1 },
  ),
  fine("9112 7.1", "one chunk", chunked("5\r\nhello\r\n0\r\n\r\n"), "200 <POST /p hello>"),
  fine("9112 7.1", "two chunks", chunked("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"), "200 <POST /p hello>"),
  fine("9112 7.1", "no chunk", chunked("0\r\n\r\n"), "200 <POST /p>"),
  fine("9112 7.1", "sizes in small letters", chunked("a\r\n0123456789\r\n0\r\n\r\n"), "200 <POST /p 0123456789>"),
  fine("9112 7.1", "sizes in capitals", chunked("A\r\n0123456789\r\n0\r\n\r\n"), "200 <POST /p 0123456789>"),
  fine("9112 7.1", "zeros before a size", chunked("0005\r\nhello\r\n000\r\n\r\n"), "200 <POST /p hello>"),
  fine("9112 7.1", "a size of two digits", chunked(`10\r\n${bytes(16)}\r\n0\r\n\r\n`), `200 <POST /p ${bytes(16)}>`),
  fine("9112 7.1", "CRLF within a chunk", chunked("4\r\n\r\n\r\n\r\n0\r\n\r\n"), "200 <POST /p \\x0d\\x0a\\x0d\\x0a>"),
  fine("9112 7.1.1", "an extension", chunked("5;a\r\nhello\r\n0\r\n\r\n"), "200 <POST /p hello>"),
  fine("9112 7.1.1", "extensions with values", chunked('5;a=b;c="d e"\r\nhello\r\n0;z\r\n\r\n'), "200 <POST /p hello>"),
  fine("9112 7.1.1", "space before an extension", chunked("5 ; a=b\r\nhello\r\n0\r\n\r\n"), "200 <POST /p hello>"),
  fine("9112 7.1.2", "a trailer", chunked("5\r\nhello\r\n0\r\nX: y\r\n\r\n"), "200 <POST /p hello>"),
  fine("9112 7.1.2", "two trailers", chunked("0\r\nX: y\r\nZ:\r\n\r\n"), "200 <POST /p>"),
  fine(
    "9110 6.5.1",
    "a trailer says nothing about framing",
    chunked("0\r\nContent-Length: 9\r\n\r\n"),
    "200 <POST /p>",
  ),
  fine("9110 6.5.1", "nor about the connection", chunked("0\r\nConnection: close\r\n\r\n"), "200 <POST /p>"),
  fine("9110 6.5.1", "nor about the host", chunked("0\r\nHost: other\r\n\r\n"), "200 <POST /p>"),
  fine(
    "9112 7",
    "the coding in any case",
    post("transfer-ENCODING: ChunkeD\r\n", "1\r\na\r\n0\r\n\r\n"),
    "200 <POST /p a>",
  ),
  fine(
    "9112 7",
    "GET with chunks",
    get("/g", "Transfer-Encoding: chunked\r\n") + "1\r\na\r\n0\r\n\r\n",
    "200 <GET /g a>",
  ),
  fine("9112 9.3.2", "three requests at once", get("/1") + post("Content-Length: 1\r\n", "x") + get("/3"), [
    "200 <GET /1>",
    "200 <POST /p x>",
    "200 <GET /3>",
  ]),
  fine("9112 9.3.2", "chunks between requests", get("/1") + chunked("1\r\nx\r\n0\r\n\r\n") + get("/3"), [
    "200 <GET /1>",
    "200 <POST /p x>",
    "200 <GET /3>",
  ]),
  fine(
    "9110 9.3.2",
    "HEAD between requests",
    get("/1") + "HEAD /2 HTTP/1.1\r\nHost: h\r\n\r\n" + get("/3"),
    ["200 <GET /1>", "200 length 7", "200 <GET /3>"],
    { heads: 2 },
  ),
  last(
    "9112 9.3",
    "close behind another request",
    get("/1") + get("/2", "Connection: close\r\n"),
    "200 <GET /1>, 200 <GET /2>",
  ),
  last("9112 9.3", "HTTP/1.0 with a body", "POST /p HTTP/1.0\r\nContent-Length: 2\r\n\r\nok", "200 <POST /p ok>"),
  last("9112 9.3", "a refusal behind a request", get("/1") + "GET / HTTP/1.1\r\n\r\n", "200 <GET /1>, 400"),
  last(
    "9112 9.3.2",
    "a refusal keeps its place",
    get("/1") + get("/2") + "BREW / HTTP/1.1\r\n\r\n",
    "200 <GET /1>, 200 <GET /2>, 501",
  ),
  fine(
    "9110 10.1.1",
    "Expect, and a client that waits",
    post("Expect: 100-continue\r\nContent-Length: 5\r\n", "hello"),
    ["100", "200 <POST /p hello>"],
    { waitAt: post("Expect: 100-continue\r\nContent-Length: 5\r\n").length },
  ),
  fine(
    "9110 10.1.1",
    "Expect in any case",
    post("EXPECT: 100-Continue\r\nContent-Length: 5\r\n", "hello"),
    ["100", "200 <POST /p hello>"],
    { waitAt: post("EXPECT: 100-Continue\r\nContent-Length: 5\r\n").length },
  ),
  fine(
    "9110 10.1.1",
    "Expect before chunks",
    chunked("1\r\na\r\n0\r\n\r\n", "Expect: 100-continue\r\n"),
    ["100", "200 <POST /p a>"],
    { waitAt: chunked("", "Expect: 100-continue\r\n").length },
  ),
  last(
    "9110 10.1.1",
    "an expectation of HTTP/1.0 is ignored",
    "POST /p HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
    "200 <POST /p ok>",
  ),
];

/** What two servers in a row could read in two ways. */
export const ambiguous: Case[] = [
  bad("9112 6.3", "two lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!")),
  bad("9112 6.3", "two equal lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello")),
  bad("9112 6.3", "two lengths in different cases", post("Content-Length: 5\r\ncontent-length: 0\r\n", "hello")),
  bad("9110 8.6", "a list of equal lengths", post("Content-Length: 5, 5\r\n", "hello")),
  bad("9110 8.6", "a list of lengths", post("Content-Length: 0, 5\r\n", "hello")),
  bad("9110 8.6", "an empty length", post("Content-Length:\r\n", "hello")),
  bad("9110 8.6", "a length with a sign", post("Content-Length: +5\r\n", "hello")),
  bad("9110 8.6", "a negative length", post("Content-Length: -5\r\n", "hello")),
  bad("9110 8.6", "a negative length of nothing", post("Content-Length: -0\r\n")),
  bad("9110 8.6", "a length in hexadecimal", post("Content-Length: 0x5\r\n", "hello")),
  bad("9110 8.6", "a length with a letter", post("Content-Length: 5a\r\n", "hello")),
  bad("9110 8.6", "a length with a space", post("Content-Length: 5 5\r\n", "hello")),
  bad("9110 8.6", "a length with a fraction", post("Content-Length: 5.0\r\n", "hello")),
  bad("9110 8.6", "a length in words", post("Content-Length: five\r\n", "hello")),
  bad("9110 8.6", "a quoted length", post('Content-Length: "5"\r\n', "hello")),
  bad("9110 8.6", "a bad length of GET", get("/", "Content-Length: x\r\n")),
  bad("9112 6.1", "length and chunks", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
  bad("9112 6.1", "chunks and length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")),
  bad("9112 6.1", "chunks and a length of 0", post("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", "0\r\n\r\n")),
  bad("9112 6.1", "chunks in HTTP/1.0", post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n", "1.0")),
  bad("9112 6.1", "chunked twice", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 501),
  bad(
    "9112 6.1",
    "chunked in two fields",
    post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    501,
  ),
  bad("9112 6.1", "chunked is not the last coding", post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"), 501),
  bad(
    "9112 6.1",
    "a second field with another coding",
    post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
    501,
  ),
  bad("9112 7", "identity", post("Transfer-Encoding: identity\r\n"), 501),
  bad("9112 7", "identity and a length", post("Transfer-Encoding: identity\r\nContent-Length: 5\r\n", "hello"), 501),
  bad("9112 7", "an empty coding", post("Transfer-Encoding:\r\nContent-Length: 5\r\n", "hello"), 501),
  bad("9112 7", "a coding that begins like chunked", post("Transfer-Encoding: chunked-x\r\n", "0\r\n\r\n"), 501),
  bad("9112 7", "a coding that ends like chunked", post("Transfer-Encoding: x-chunked\r\n", "0\r\n\r\n"), 501),
  bad("9112 7", "a quoted coding", post('Transfer-Encoding: "chunked"\r\n', "0\r\n\r\n"), 501),
  bad("9112 7", "a coding with a vertical tab", post("Transfer-Encoding: \x0bchunked\r\n", "0\r\n\r\n"), 501),
  bad("9112 5.1", "a space before the colon of the coding", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")),
  bad("9112 5.1", "a space before the colon of the length", post("Content-Length : 5\r\n", "hello")),
  bad("9112 5.2", "a coding folded away", post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"), 501),
  bad("9112 5.2", "a length folded away", post("X: 1\r\n Content-Length: 5\r\n", "hello")),
  refused(501, "9112 7", "a coding that is not known", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400),
  refused(501, "9112 7", "gzip alone", post("Transfer-Encoding: gzip\r\n", "0\r\n\r\n"), 400),
  bad("9112 7.1", "LF behind a chunk size", chunked("5\nhello\r\n0\r\n\r\n")),
  bad("9112 7.1", "LF behind an extension", chunked("5;a\nhello\r\n0\r\n\r\n")),
  bad("9112 7.1", "CR in an extension", chunked("5;a\rb\r\nhello\r\n0\r\n\r\n")),
  bad("9112 7.1", "CR alone behind a chunk size", chunked("5\rhello\r\n0\r\n\r\n")),
  bad("9112 7.1", "no CRLF behind a chunk", chunked("5\r\nhello0\r\n\r\n")),
  bad("9112 7.1", "LF behind a chunk", chunked("5\r\nhello\n0\r\n\r\n")),
  bad("9112 7.1", "a chunk longer than its size", chunked("4\r\nhello\r\n0\r\n\r\n")),
  bad("9112 7.1", "an empty line before a size", chunked("\r\n5\r\nhello\r\n0\r\n\r\n")),
  bad("9112 7.1", "no size", chunked(";a\r\nhello\r\n0\r\n\r\n")),
  bad("9112 7.1", "a size with a sign", chunked("+5\r\nhello\r\n0\r\n\r\n")),
  bad("9112 7.1", "a negative size", chunked("-5\r\nhello\r\n0\r\n\r\n")),
  bad("9112 7.1", "a size with 0x", chunked("0x5\r\nhello\r\n0\r\n\r\n")),
  bad("9112 7.1", "a size of g", chunked("g\r\nhello\r\n0\r\n\r\n")),
  bad("9112 7.1", "a letter behind a size", chunked("5g\r\nhello\r\n0\r\n\r\n")),
  bad("9112 7.1", "a space before a size", chunked(" 5\r\nhello\r\n0\r\n\r\n")),
  bad("9112 7.1", "a space within a size", chunked("0 5\r\nhello\r\n0\r\n\r\n")),
  bad("9112 7.1", "a comma behind a size", chunked("5,a\r\nhello\r\n0\r\n\r\n")),
  bad("9112 7.1", "LF in place of the last empty line", chunked("0\r\n\n")),
  bad("9112 7.1", "LF behind the last size", chunked("0\n\r\n")),
  bad("9112 7.1.2", "a trailer that is no field", chunked("0\r\nabc\r\n\r\n")),
  bad("9112 5.1", "a trailer with a space before its colon", chunked("0\r\nX : y\r\n\r\n")),
  bad("9112 5.2", "a folded trailer", chunked("0\r\nX: y\r\n z\r\n\r\n")),
  bad("9112 2.2", "a trailer that ends with LF", chunked("0\r\nX: y\n\r\n")),
];

/** Of a server with a header_max of 4,096 and a body_max of 10,000 bytes. */
export const sizes: Case[] = [
  fine("9112 3", "the longest head", headOf(HEADER_MAX), "200 <GET /h>"),
  fine(
    "9112 6.2",
    "the longest body",
    post(`Content-Length: ${BODY_MAX}\r\n`, bytes(BODY_MAX)),
    `200 <POST /p ${bytes(72)}>`,
  ),
  fine(
    "9112 7.1",
    "the longest body in chunks",
    chunked(`1388\r\n${bytes(5000)}\r\n1388\r\n${bytes(5000)}\r\n0\r\n\r\n`),
    `200 <POST /p ${bytes(72)}>`,
  ),
  fine(
    "9110 8.6",
    "a short length with many zeros",
    post(`Content-Length: ${bytes(40, "0")}5\r\n`, "hello"),
    "200 <POST /p hello>",
  ),
  fine(
    "9112 7.1",
    "a small size with many zeros",
    chunked(`${bytes(40, "0")}5\r\nhello\r\n0\r\n\r\n`),
    "200 <POST /p hello>",
  ),
  fine(
    "9112 7.1",
    "the longest head before chunks",
    `${headOf(HEADER_MAX, chunked("").slice(0, -2))}5\r\nhello\r\n0\r\n\r\n`,
    "200 <POST /p hello>",
  ),
  fine(
    "9112 7.1.1",
    "the longest line of a size",
    chunked(`5;${bytes(HEADER_MAX - 4)}\r\nhello\r\n0\r\n\r\n`),
    "200 <POST /p hello>",
  ),
  fine(
    "9112 7.1",
    "many chunks of a byte",
    chunked(`${"1\r\nx\r\n".repeat(HEADER_MAX / 3)}0\r\n\r\n`),
    `200 <POST /p ${bytes(72)}>`,
  ),
  refused(431, "9112 7.1.1", "a size whose line has no end", chunked(`5;${bytes(HEADER_MAX * 3)}`), 400),
  refused(414, "9112 3", "a request line that is a byte too long", `${lineOf(HEADER_MAX + 1)}Host: h\r\n\r\n`),
  refused(414, "9112 3", "a request line without an end", `GET /${bytes(HEADER_MAX * 3, "a")}`),
  refused(431, "6585 5", "a head that is a byte too long", headOf(HEADER_MAX + 1)),
  refused(431, "6585 5", "the longest request line leaves no room", `${lineOf(HEADER_MAX)}Host: h\r\n\r\n`),
  refused(431, "6585 5", "a field without an end", `GET / HTTP/1.1\r\nHost: h\r\nX: ${bytes(HEADER_MAX * 3)}`),
  refused(431, "6585 5", "many short fields", get("/", "X: 1\r\n".repeat(HEADER_MAX / 4))),
  refused(431, "6585 5", "trailers without an end", chunked(`0\r\n${"X: 1\r\n".repeat(HEADER_MAX / 4)}\r\n`)),
  refused(413, "9110 15.5.14", "a body that is a byte too long", post(`Content-Length: ${BODY_MAX + 1}\r\n`)),
  refused(413, "9110 8.6", "a length of 2^32", post("Content-Length: 4294967296\r\n")),
  refused(413, "9110 8.6", "a length of 2^32 + 5", post("Content-Length: 4294967301\r\n", "hello")),
  refused(413, "9110 8.6", "a length of 2^64 + 5", post("Content-Length: 18446744073709551621\r\n", "hello")),
  refused(413, "9110 8.6", "a length of 2^63", post("Content-Length: 9223372036854775808\r\n")),
  refused(413, "9110 8.6", "a length of sixty digits", post(`Content-Length: ${bytes(60, "9")}\r\n`)),
  refused(413, "9112 7.1", "a chunk that is a byte too long", chunked(`${(BODY_MAX + 1).toString(16)}\r\n`)),
  refused(
    413,
    "9112 7.1",
    "chunks that are a byte too long together",
    chunked(`2710\r\n${bytes(BODY_MAX)}\r\n1\r\nx\r\n0\r\n\r\n`),
  ),
  refused(413, "9112 7.1", "a size of 2^32 + 5", chunked("100000005\r\nhello\r\n0\r\n\r\n")),
  refused(413, "9112 7.1", "a size of 2^64 + 5", chunked("10000000000000005\r\nhello\r\n0\r\n\r\n")),
  refused(413, "9112 7.1", "a size of 2^64 - 1", chunked("1\r\na\r\nffffffffffffffff\r\nhello")),
  refused(
    413,
    "9110 10.1.1",
    "a body that is not asked for",
    post(`Expect: 100-continue\r\nContent-Length: ${BODY_MAX + 1}\r\n`),
  ),
  refused(411, "9110 15.5.12", "POST without a length", post("")),
  refused(411, "9110 15.5.12", "PUT without a length", "PUT /p HTTP/1.1\r\nHost: h\r\n\r\n"),
  refused(411, "9110 15.5.12", "PATCH without a length", "PATCH /p HTTP/1.1\r\nHost: h\r\n\r\n"),
  refused(411, "9110 15.5.12", "POST of HTTP/1.0 without a length", "POST /p HTTP/1.0\r\n\r\n"),
];

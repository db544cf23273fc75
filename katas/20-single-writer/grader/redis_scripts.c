/* SPDX-License-Identifier: MIT */
/* redis_scripts.c -- EVAL, EVALSHA and SCRIPT LOAD of the modelled Redis: the scripts are run by Lua 5.1, as Redis
 * does, each compiled once; a global variable that nobody has is an error. */
#include <lua5.1/lauxlib.h>
#include <lua5.1/lua.h>
#include <lua5.1/lualib.h>
#include <stdlib.h>
#include <string.h>

#include "redis.h"

#define SCRIPTS_MAX 16
#define SCRIPT_BYTES_MAX 4096
#define WORDS_MAX 16
#define STEPS_MAX 1000000

static _Thread_local struct script {
    char name[41], text[SCRIPT_BYTES_MAX];
    size_t size;
    int function; /* in Lua's registry; LUA_NOREF: not compiled yet */
} known[SCRIPTS_MAX];
static _Thread_local size_t scripts;
static _Thread_local lua_State *lua_of_all; /* NULL: no script has run yet */

void redis_forget_scripts(void) {
    if (lua_of_all) lua_close(lua_of_all);
    lua_of_all = NULL;
    scripts = 0;
}

static struct script *find(const char *name, size_t size) {
    for (size_t i = 0; i < scripts; i++)
        if (redis_word(name, size, known[i].name)) return &known[i];
    return NULL;
}

bool redis_knows(const char *name, size_t size) {
    return find(name, size) != NULL;
}

/* NULL: too long, or too many. */
static struct script *remember(const char *text, size_t size) {
    char name[41];
    sha1_hex(text, size, name);
    struct script *old = find(name, 40);
    if (old || scripts == SCRIPTS_MAX || size > SCRIPT_BYTES_MAX) return old;
    struct script *script = &known[scripts++];
    memcpy(script->name, name, sizeof name);
    memcpy(script->text, text, size);
    script->size = size;
    script->function = LUA_NOREF;
    return script;
}

/* Redis' reply as Lua's value: nil is false, a status or an error a table. */
static void push_reply(lua_State *lua, const struct redis_reply *reply) {
    if (reply->kind == REPLY_INTEGER) {
        lua_pushnumber(lua, (lua_Number)reply->integer);
    } else if (reply->kind == REPLY_BULK) {
        lua_pushlstring(lua, reply->text, reply->size);
    } else if (reply->kind == REPLY_NIL) {
        lua_pushboolean(lua, 0);
    } else {
        lua_newtable(lua);
        lua_pushlstring(lua, reply->text, reply->size);
        lua_setfield(lua, -2, reply->kind == REPLY_ERROR ? "err" : "ok");
    }
}

static void call_redis(lua_State *lua, struct redis_reply *reply) {
    const char *argv[WORDS_MAX];
    size_t sizes[WORDS_MAX];
    int argc = lua_gettop(lua);
    if (argc == 0 || argc > WORDS_MAX) luaL_error(lua, "ERR redis.call needs 1 to %d arguments", WORDS_MAX);
    for (int i = 0; i < argc; i++) {
        if (!lua_isstring(lua, i + 1)) luaL_error(lua, "ERR arguments must be strings or integers");
        argv[i] = lua_tolstring(lua, i + 1, &sizes[i]);
    }
    redis_key_command((size_t)argc, argv, sizes, reply);
}

static int lua_call_redis(lua_State *lua) {
    struct redis_reply reply;
    call_redis(lua, &reply);
    if (reply.kind == REPLY_ERROR) return luaL_error(lua, "%s", reply.text);
    push_reply(lua, &reply);
    return 1;
}

static int lua_pcall_redis(lua_State *lua) {
    struct redis_reply reply;
    call_redis(lua, &reply);
    push_reply(lua, &reply);
    return 1;
}

static void answer_field(lua_State *lua, struct redis_reply *reply) {
    lua_getfield(lua, -1, "err");
    lua_getfield(lua, -2, "ok");
    if (lua_isstring(lua, -2))
        redis_answer(reply, REPLY_ERROR, lua_tostring(lua, -2));
    else if (lua_isstring(lua, -1))
        redis_answer(reply, REPLY_STATUS, lua_tostring(lua, -1));
    else {
        redis_answer_integer(reply, (int64_t)lua_objlen(lua, -3));
        reply->kind = REPLY_ARRAY;
    }
}

/* Lua's value as Redis' reply: a number loses its fraction, false is nil. */
static void answer(lua_State *lua, struct redis_reply *reply) {
    size_t size;
    int type = lua_type(lua, -1);
    if (type == LUA_TNUMBER)
        redis_answer_integer(reply, (int64_t)lua_tonumber(lua, -1));
    else if (type == LUA_TSTRING) {
        const char *bytes = lua_tolstring(lua, -1, &size);
        redis_answer_bulk(reply, bytes, size);
    } else if (type == LUA_TBOOLEAN && lua_toboolean(lua, -1))
        redis_answer_integer(reply, 1);
    else if (type == LUA_TTABLE)
        answer_field(lua, reply);
    else
        redis_answer(reply, REPLY_NIL, "");
}

static void push_words(lua_State *lua, const char *name, size_t n, const char *const *argv, const size_t *sizes) {
    lua_pushstring(lua, name);
    lua_newtable(lua);
    for (size_t i = 0; i < n; i++) {
        lua_pushlstring(lua, argv[i], sizes[i]);
        lua_rawseti(lua, -2, (int)i + 1);
    }
    lua_rawset(lua, LUA_GLOBALSINDEX);
}

static int refuse_global(lua_State *lua) {
    return luaL_error(lua, "ERR Script attempted to access nonexistent global variable");
}

static void close_globals(lua_State *lua) {
    lua_newtable(lua);
    lua_pushcfunction(lua, refuse_global);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, refuse_global);
    lua_setfield(lua, -2, "__newindex");
    lua_setmetatable(lua, LUA_GLOBALSINDEX);
}

static void stop(lua_State *lua, lua_Debug *unused) {
    (void)unused;
    luaL_error(lua, "ERR Error running script: it does not end");
}

static void open_library(lua_State *lua, lua_CFunction open, const char *name) {
    lua_pushcfunction(lua, open);
    lua_pushstring(lua, name);
    lua_call(lua, 1, 0);
}

/* Compiled code is not checked by Lua, and Redis takes none. */
static bool is_compiled(const char *text, size_t size) {
    return size > 0 && text[0] == LUA_SIGNATURE[0];
}

/* What Redis does not give a script either: files, other functions' globals, and compiled code. */
static void leave_out(lua_State *lua) {
    static const char *const absent[] = {"dofile", "loadfile", "print", "newproxy", "getfenv", "setfenv", NULL};
    for (const char *const *name = absent; *name; name++) {
        lua_pushnil(lua);
        lua_setglobal(lua, *name);
    }
    const char *text = "local compile, byte, join = loadstring, string.byte, table.concat\n"
                       "function loadstring(text, name)\n"
                       "  if byte(text) == 27 then return nil, 'compiled code' end\n"
                       "  return compile(text, name)\n"
                       "end\n"
                       "local load_text = loadstring\n"
                       "function load(next_part, name)\n"
                       "  local parts = {}\n"
                       "  for part in next_part do\n"
                       "    if part == '' then break end\n"
                       "    parts[#parts + 1] = part\n"
                       "  end\n"
                       "  return load_text(join(parts), name or '=(load)')\n"
                       "end\n";
    if (luaL_dostring(lua, text)) abort();
}

static lua_State *new_state(void) {
    static const luaL_Reg calls[] = {{"call", lua_call_redis}, {"pcall", lua_pcall_redis}, {NULL, NULL}};
    lua_State *lua = luaL_newstate();
    if (!lua) abort();
    open_library(lua, luaopen_base, "");
    open_library(lua, luaopen_string, "string");
    open_library(lua, luaopen_table, "table");
    open_library(lua, luaopen_math, "math");
    leave_out(lua);
    luaL_register(lua, "redis", calls);
    close_globals(lua);
    lua_settop(lua, 0);
    return lua;
}

/* The script's function on the stack, or the error. */
static int push_function(lua_State *lua, struct script *script) {
    if (script->function == LUA_NOREF) {
        if (is_compiled(script->text, script->size)) {
            lua_pushstring(lua, "ERR Error compiling script: compiled code");
            return LUA_ERRSYNTAX;
        }
        int error = luaL_loadbuffer(lua, script->text, script->size, "@user_script");
        if (error) return error;
        script->function = luaL_ref(lua, LUA_REGISTRYINDEX);
    }
    lua_rawgeti(lua, LUA_REGISTRYINDEX, script->function);
    return 0;
}

/* `argv`: how many keys, then the keys, then the other words. */
static void run(struct script *script, size_t argc, const char *const *argv, const size_t *sizes,
                struct redis_reply *reply) {
    int64_t keys;
    if (!redis_number(argv[0], sizes[0], &keys) || keys < 0 || (uint64_t)keys > argc - 1) {
        redis_answer(reply, REPLY_ERROR, "ERR Number of keys can't be greater than number of args");
        return;
    }
    lua_State *lua = lua_of_all ? lua_of_all : (lua_of_all = new_state());
    push_words(lua, "KEYS", (size_t)keys, argv + 1, sizes + 1);
    push_words(lua, "ARGV", argc - 1 - (size_t)keys, argv + 1 + keys, sizes + 1 + keys);
    lua_sethook(lua, stop, LUA_MASKCOUNT, STEPS_MAX);
    if (push_function(lua, script) || lua_pcall(lua, 0, 1, 0))
        redis_answer(reply, REPLY_ERROR, lua_tostring(lua, -1));
    else
        answer(lua, reply);
    lua_settop(lua, 0);
}

void redis_script_command(size_t argc, const char *const *argv, const size_t *sizes, struct redis_reply *reply) {
    bool loads = redis_word(argv[0], sizes[0], "SCRIPT"), by_name = redis_word(argv[0], sizes[0], "EVALSHA");
    if (argc < 3 || (loads && (argc != 3 || !redis_word(argv[1], sizes[1], "LOAD")))) {
        redis_answer(reply, REPLY_ERROR, "ERR wrong number of arguments");
        return;
    }
    const char *word = argv[loads ? 2 : 1];
    size_t size = sizes[loads ? 2 : 1];
    struct script *script = by_name ? find(word, size) : remember(word, size);
    if (!script)
        redis_answer(reply, REPLY_ERROR,
                     by_name ? "NOSCRIPT No matching script. Please use EVAL." : "OOM no room for the script");
    else if (loads)
        redis_answer(reply, REPLY_BULK, script->name);
    else
        run(script, argc - 2, argv + 2, sizes + 2, reply);
}

// Use @bitrix24/b24jssdk in one way: read JSON from standard input, and write the result as JSON to standard output.

import { readFileSync } from 'node:fs'
import { AjaxError, B24Hook, B24OAuth, ParamsFactory, SdkError, useB24Helper, LoadDataType } from '@bitrix24/b24jssdk'

const quick = { ...ParamsFactory.getDefault(), retryDelay: 100 }

function hook(given, restrictionParams = quick) {
  return B24Hook.fromWebhookUrl(given.webhook, { restrictionParams })
}

function oauth(given) {
  const endpoint = `https://${given.domain}/rest/`
  return new B24OAuth(
    {
      applicationToken: '', userId: 1, memberId: given.member, accessToken: given.access,
      refreshToken: given.refresh_token, expires: given.expires, expiresIn: 3600, scope: 'user', domain: given.domain,
      clientEndpoint: endpoint, serverEndpoint: given.server, status: 'L', issuer: 'store'
    },
    { clientId: given.client_id, clientSecret: given.client_secret },
    { restrictionParams: quick }
  )
}

async function call(b24, method, params = {}) {
  const answer = await b24.actions.v2.call.make({ method, params })
  if (!answer.isSuccess) throw new Error(answer.getErrorMessages().join('; '))
  return answer.getData().result
}

async function error(run) {
  try {
    await run()
  } catch (refused) {
    const kind = refused instanceof AjaxError ? 'AjaxError' : refused instanceof SdkError ? 'SdkError' : 'Error'
    return [kind, refused.code ?? '', refused.status ?? 0]
  }
  return []
}

const ids = rows => rows.map(row => Number(row.ID))

const command = {
  // Call methods one by one.
  async calls(given) {
    const b24 = hook(given)
    return {
      healthy: await b24.tools.healthCheck.make(),
      ping: (await b24.tools.ping.make()) >= 0,
      profile: (await call(b24, 'profile')).ID,
      message: await call(b24, 'im.message.add', { DIALOG_ID: 'chat10', MESSAGE: 'Good morning' }),
      post: Number(await call(b24, 'log.blogpost.add', { POST_TITLE: 'Lunch', POST_MESSAGE: 'At one.', DEST: ['UA'] })),
      deal: (await call(b24, 'crm.deal.get', { id: 42 })).TITLE
    }
  },

  // Send more commands than fit into a batch; stop or continue after a failure; name or number the commands.
  async batches(given) {
    const b24 = hook(given)
    const deals = given.deals.map(id => ['crm.deal.get', { id }])
    const many = await b24.actions.v2.batchByChunk.make({ calls: deals, options: { isHaltOnError: true } })
    const wrong = { a: ['server.time'], b: ['im.message.add', { DIALOG_ID: '2' }], c: ['server.time'] }
    const results = async isHaltOnError => {
      const options = { isHaltOnError, returnAjaxResult: true }
      const got = await b24.actions.v2.batch.make({ calls: wrong, options })
      return [got.isSuccess, Object.entries(got.getData()).map(([key, row]) => [key, row.isSuccess])]
    }
    const chained = await b24.actions.v2.batch.make({
      calls: { me: ['user.current'], same: ['user.get', { ID: '$result[me][ID]' }] }
    })
    const listed = await b24.actions.v2.batch.make({
      calls: [['server.time'], ['im.message.add', { DIALOG_ID: '2' }], ['profile']], options: { isHaltOnError: false }
    })
    return {
      many: ids(many.getData()),
      halted: await results(true),
      whole: await results(false),
      chained: chained.getData().me.ID === chained.getData().same[0].ID,
      listed: [listed.isSuccess, listed.getData().length, listed.getData().at(-1).ID],
      tooMany: await error(() => b24.actions.v2.batch.make({ calls: given.deals.map(() => ['server.time']) }))
    }
  },

  // Read lists of more than one page in every way that the client has.
  async pages(given) {
    const b24 = hook(given)
    const all = async (method, params = {}) => ids((await b24.actions.v2.callList.make({ method, params })).getData())
    const parts = []
    for await (const part of b24.actions.v2.fetchList.make({ method: 'crm.deal.list', params: { select: ['ID'] } })) {
      parts.push(part.length)
    }
    const page = await b24.actions.v2.call.make({ method: 'user.get', params: { start: 50 } })
    const next = await page.getNext(b24.getHttpClient('v2'))
    return {
      users: await all('user.get'),
      deals: await all('crm.deal.list', { select: ['ID', 'TITLE'] }),
      some: await all('crm.deal.list', { filter: { '%TITLE': 'Deal 10', '<ID': 1060 } }),
      parts,
      page: [page.getTotal(), page.isMore(), next && next.getData().result.length]
    }
  },

  // Call with an expired access token and with a used refresh token; the callback gets the new tokens.
  async refresh(given) {
    const b24 = oauth(given)
    const refreshed = []
    b24.setCallbackRefreshAuth(async ({ authData }) => refreshed.push(authData.access_token !== given.access))
    await b24.initIsAdmin()
    const asked = ['profile', 'user.current', 'server.time'].map(method => call(b24, method))
    const spent = oauth(given)
    return {
      profile: (await Promise.all(asked))[0].ID,
      admin: b24.auth.isAdmin,
      refreshed,
      spent: await error(() => call(spent, 'profile'))
    }
  },

  // Register a bot of the second generation, send a message as this bot, and load data with the helper.
  async bot(given) {
    const b24 = oauth(given)
    const way = { eventMode: 'webhook', webhookUrl: given.handler }
    const fields = { code: 'echo', properties: { name: 'Echo' }, ...way }
    const { bot } = await call(b24, 'imbot.v2.Bot.register', { fields })
    const keyboard = [{ TEXT: 'Again', COMMAND: 'echo' }]
    const say = { botId: bot.id, dialogId: '2', fields: { message: 'Hello, Anna', keyboard } }
    const { id } = await call(b24, 'imbot.v2.Chat.Message.send', say)
    const { initB24Helper, getB24Helper, destroyB24Helper } = useB24Helper()
    await initB24Helper(b24, [LoadDataType.App, LoadDataType.Profile])
    const helper = getB24Helper()
    const seen = { bot: bot.id, message: id, app: helper.appInfo.data.code, name: helper.profileInfo.data.lastName }
    destroyB24Helper()
    return seen
  },

  // Send more calls than the rate limit allows; every call must succeed after waiting.
  async throttle(given) {
    const b24 = hook(given, { ...quick, rateLimit: { burstLimit: 8, drainRate: 10, adaptiveEnabled: true } })
    const asked = Array.from({ length: given.times }, () => call(b24, 'server.time'))
    return { times: (await Promise.all(asked)).map(Boolean) }
  },

  // Cause errors of many kinds, and return how the client reports each.
  async errors(given) {
    const b24 = hook(given, { ...quick, maxRetries: 1 })
    return {
      unknown: await error(() => call(b24, 'im.no.such.method')),
      scope: await error(() => call(b24, 'department.get')),
      empty: await error(() => call(b24, 'im.message.add', { DIALOG_ID: 'chat10' })),
      missing: await error(() => call(b24, 'crm.deal.get', { id: 999999 })),
      webhook: await error(() => call(b24, 'event.get')),
      limit: await error(() => call(b24, 'server.time')),
      html: await error(() => call(b24, 'server.time')),
      cut: await error(() => call(b24, 'server.time')),
      http: await error(() => hook({ webhook: given.webhook.replace('https:', 'http:') }))
    }
  }
}

const seen = await command[process.argv[2]](JSON.parse(readFileSync(0, 'utf8')))
process.stdout.write(JSON.stringify(seen))

-- KEYS[1] = stream; ARGV = epoch, number before the first pair, then pairs (number, body)
local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
local tail_epoch, tail = 0, 0
if not info.err then
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then tail_epoch, tail = string.match(info[i + 1], '(%d+)-(%d+)') end
  end
end
tail_epoch, tail = tonumber(tail_epoch), tonumber(tail)
local epoch, before = tonumber(ARGV[1]), tonumber(ARGV[2])
if tail_epoch > epoch then return {'AHEAD', tail_epoch, tail} end -- the database is older than the stream
if tail_epoch < epoch then tail = 0 end
if tail < before then return {'GAP', tail_epoch, tail} end -- Redis forgot: tell again from here
for i = 3, #ARGV, 2 do
  if tonumber(ARGV[i]) <= tail then
    local id = ARGV[1] .. '-' .. ARGV[i]
    local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
    if entry and entry[2][2] ~= ARGV[i + 1] then return {'TAKEN', tail_epoch, tail} end -- by another event
  end
end
local added = 0
for i = 3, #ARGV, 2 do
  if tonumber(ARGV[i]) > tail then
    redis.call('XADD', KEYS[1], ARGV[1] .. '-' .. ARGV[i], '__data__', ARGV[i + 1])
    added = added + 1
  end
end
return {'OK', added, tail}

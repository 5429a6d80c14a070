-- For HAProxy 2.5 or later: asks egide before a request goes on, with the HTTP client that HAProxy brings.
--
--   http-request lua.egide letters
--
-- sets txn.egide_permit (true only after a 200) and txn.egide_status (0 when the vault could not be asked), and the answer's
-- headers as txn.egide_<name>, with "-" as "_". Where egide listens: setenv EGIDE_URL in `global`.
local url = os.getenv("EGIDE_URL") or "http://127.0.0.1:8080"
local answers = {
    "x-subject-pseudonym", "x-consent-decision", "x-consent-reason", "x-consent-evaluation", "x-consent-record",
    "x-consent-purpose",
}
-- Of the question's own framing, or between two neighbours only (RFC 9110, 7.6.1).
local left_out = {
    ["content-length"] = true, ["transfer-encoding"] = true, ["connection"] = true, ["keep-alive"] = true, ["te"] = true,
    ["trailer"] = true, ["upgrade"] = true, ["expect"] = true, ["host"] = true,
}

local function question(txn)
    local headers = { ["host"] = { "egide" } }
    for name, values in pairs(txn.http:req_get_headers()) do
        if not left_out[name] then
            headers[name] = {}
            for i = 0, #values do headers[name][i + 1] = values[i] end
        end
    end
    return headers
end

core.register_action("egide", { "http-req" }, function(txn, profile)
    txn:set_var("txn.egide_permit", false)
    txn:set_var("txn.egide_status", 0)
    local asked, response = pcall(function()
        return core.httpclient():get{ url = url .. "/gateway/forward/" .. profile, headers = question(txn), timeout = 5000 }
    end)
    if not asked or response == nil or response.status == nil then return end
    txn:set_var("txn.egide_status", response.status)
    for _, name in ipairs(answers) do
        local values = response.headers and response.headers[name]
        txn:set_var("txn.egide_" .. name:gsub("-", "_"), values and values[0] or "")
    end
    txn:set_var("txn.egide_permit", response.status == 200)
end, 1)

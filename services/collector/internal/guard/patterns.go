package guard

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// pattern is a kind of passage and how it is recognised: in the folded text, or in the raw one where case and signs matter.
type pattern struct {
	kind string
	raw  bool
	data bool // only in text of the cluster, which no requester wrote
	// hints are signs or words of which every passage of this kind has one, in lower case: most texts have none, and pass
	// without any expression.
	hints []string
	res   []*regexp.Regexp
}

// hinted reports whether a text, in lower case, has one of the hints.
func (p pattern) hinted(low string) bool {
	if p.hints == nil {
		return true
	}
	for _, h := range p.hints {
		if strings.Contains(low, h) {
			return true
		}
	}
	return false
}

func compile(exprs ...string) []*regexp.Regexp {
	var out []*regexp.Regexp
	for _, e := range exprs {
		out = append(out, regexp.MustCompile(e))
	}
	return out
}

// gap is a little text between two words that belong together.
const gap = `\b[^\n]{0,48}?\b`

// patterns are written for what attackers write and requesters do not. A verb alone is never enough: "ignore" needs
// something to be ignored, "show" needs a secret.
var patterns = []pattern{
	{kind: KindInstruction, hints: []string{"ignor", "disregard", "forget", "overr", "bypass", "circumvent", "disobey", "discard", "skip", "you are", "from now", " as ",
		"pretend", " mode", "mode ", "jailbreak", "instruction", "prompt", "rules", "directive", "system", "assistant", "developer", "inst]", "<", "##", "tell", "inform", "notify", "warn",
		"mention", "alert", "reveal", "show", " must", " should", " shall", "has to", "needs to", "please", "reading this", "will now", "ignore", "hide", "delete", "do not", "oubli", "neglig", "contourn",
		"outrepass", "desobei", "passe outre", "abstraction", "compte", "respecte", "tu es", "vous etes", "tu n'es", "n'etes", "desormais", "maintenant", "comme si", "consigne", "regle",
		"personne", "humain", "utilisateur", "operateur", "administrateur", "demandeur", " doit", "devra", "est prie", "va maintenant", "request", "demande", "controle", "verif", "# ", "note ", "dear ", "cher", "order", "task", "ordre", "tache", "fin d", "end of", "overrid", "message", "jouons", "game", "rot13", "rot-13", "decode", "remember", "retiens", "retenez", "souviens", "approv", "approuv", "mark ", "marque", "authority", "apply", "applique", "forever", "repete", "provider", "fournisseur", "bpg", "parle", "security", "securite", "crainte", "safe to", "clone", "label", "destroy", "wipe", "erase", "detrui", "efface", "supprime", "also delete", "action", "whenever", "des que", "check", "validation"}, res: compile(
		`\b(?:ignore|disregard|forget|override|overrule|bypass|circumvent|disobey|discard|skip)`+gap+`(?:instructions?|rules?|prompts?|guidelines?|directives?|polic(?:y|ies)|constraints?|restrictions?|safety|safeguards?|validations?|guardrails?|approvals?|(?:the|all|everything) above|said before|told before|above context)\b`,
		`\byou are (?:now|no longer)\b`, `\bfrom now on,? you\b`, `\b(?:act|behave|respond|answer) as (?:if you|an? unrestricted|root\b|the system|system\b|developer|an? (?:admin|root|jailbroken|unfiltered))`,
		`\bpretend (?:to be|that you|you are|you have)\b`, `\b(?:developer|dan|god|jailbreak|unrestricted|debug|maintenance) mode\b`, `\bjailbreak`,
		`\b(?:new|updated|real|actual|secret|hidden|further) (?:system )?(?:instructions?|prompts?|rules?|directives?)\s*[:.]`, `\bsystem (?:prompt|override|message|instruction)s?\b`,
		`(?:^|[\n\[<({#*"' ])(?:system|assistant|developer)\s*[\]>)}]?\s*:\s*\S+ `, `<\|?(?:im_start|im_end|system|endoftext|assistant|user)\|?>`, `\[/?inst\]`, `<</?sys>>`, `#{2,} ?(?:system|instruction|response|new task)`,
		`\b(?:do not|don't|never) (?:tell|inform|mention|warn|notify|alert|reveal|show)`+gap+`(?:user|requester|operator|admin(?:istrator)?s?|human|anyone|anybody)\b`,
		`\b(?:the )?(?:ai|llm|assistant|language model|model|agent|bot|reviewer|gpt|gemini|claude|copilot)\b[,:]? (?:must|should|shall|has to|needs to|will now|please|reading this)\b`,
		`\b(?:approve|confirm|accept|execute|apply)`+gap+`(?:automatically|without (?:asking|review|confirmation|approval|checks?)|on (?:my|your) own)`+gap+`(?:and|then)? ?(?:ignore|hide|delete|do not)`,
		`\b(?:ignore[rsz]?|oublie[rsz]?|neglige[rsz]?|contourne[rsz]?|outrepasse[rsz]?|desobei\w*|passe outre|fais abstraction|ne tiens? pas compte|ne tenez pas compte|ne respecte[rsz]? (?:pas|plus))`+gap+`(?:instructions?|regles?|consignes?|directives?|prompts?|politiques?|contraintes?|restrictions?|verifications?|validations?|approbations?|garde-fous?|ce qui precede|tout ce qui)\b`,
		`\b(?:tu es|vous etes|tu n'es|vous n'etes) (?:maintenant|desormais|plus|a present)\b`, `\b(?:a partir de maintenant|desormais),? (?:tu|vous)\b`, `\b(?:fais|faites) comme si (?:tu|vous)\b`, `\bpretends? (?:etre|que tu)`,
		`\bmode (?:developpeur|dieu|sans (?:restriction|limite|filtre)s?|debridee?|maintenance|debogage)\b`, `\bnouvelles? (?:instructions?|consignes?|regles?|directives?)\s*[:.]`, `\b(?:message|invite|prompt|instruction) (?:du )?systeme\b`,
		`(?:^|[\n\[<({#*"' ])(?:systeme|assistante?)\s*[\]>)}]?\s*:\s*\S+ `,
		`\bne (?:le |la |lui |l')?(?:dis|dites|previens|prevenez|informe[zs]?|signale[zs]?|mentionne[zs]?|montre[zs]?|revele[zs]?)`+gap+`(?:utilisateur|operateur|administrateur|demandeur|personne|humain)\b`,
		`\b(?:ignore|disregard|skip|ignore[rsz]?|saute[rsz]?) (?:the |this |la |le |les |l')?(?:user(?:'s)? |current |french |english |capacity )?(?:request|text above|demande|controles?|validation|checks?|verifications?)\b`,
		`# ?(?:ai|ia|llm|assistants?|models?|agents?) ?:`, `\bnote (?:to|for|aux?|pour) (?:the |les |l')?(?:ai|ia|llm|assistants?|models?|agents?|modeles?)\b`, `\b(?:dear|cher|chere) (?:model|assistant|ai|agent|modele|ia|llm)\b`,
		`\bnew (?:request|order|task) from (?:the )?(?:operator|admin|owner|user|cto|system)`, `\bnouvel(?:le)? (?:demande|tache|ordre) de (?:l')?(?:exploitant|operateur|administrateur|utilisateur|admin|systeme)`,
		`\bend of (?:the )?(?:file|prompt|user request|request|instructions?|input)\b`, `\bfin (?:de la|du|des) (?:demande|fichier|prompt|consignes|instructions|saisie)\b`,
		`\badmin(?:istrator)? override|\boverride admin|\bordre (?:de l')?admin`, `\bdeveloper message|\bmessage du developpeur`,
		`\b(?:you are|tu es|vous etes) (?:dan\b|(?:an? |un )?(?:shell|terminal|root|interpreteur))`, `\blet's play a game|\bjouons ?[:,]`, `\brot-?13\b|\b(?:decode|decodez?) (?:and|et) \w+`,
		`\b(?:remember|retiens|retenez|souviens-toi)\b[^\n]{0,20}\b(?:from now on|for all|later sessions|desormais|toutes les (?:sessions|prochaines))`,
		`\bapprove (?:everything|all|without)\b|\bapprouve[rsz]? (?:tout|sans)\b`, `\b(?:mark|marque[rsz]?) (?:the |la |le )?(?:proof|tests?|stage|run|manifest|preuve|etape|manifeste) (?:as|comme)\b`,
		`\bapproval (?:step|stage)? ?(?:is|has been)? ?(?:cancelled|canceled|waived|disabled|skipped)|\bby my authority|\bannule[rsz]? l'etape d'approbation`, `\bapply (?:the manifest|it) (?:yourself|directly)|\bapplique[rsz]?(?:-le)? toi-meme`,
		`\brepeat this (?:request )?forever|\brepete[rsz]? cette demande sans`, `\b(?:provider|fournisseur) \S+/\S+|\b(?:instead of|au lieu de) bpg\b`,
		`\bdo not mention this|\bn'en parle[rsz]? (?:pas|a personne)`, `\b(?:reviewed|verified|vetted) by (?:the )?security|\bsafe to follow|\bverifiee? par la securite|\ba suivre sans crainte`,
		`\bwhenever [^\n]{0,40}\b(?:mentioned|cited|cloned)|\bdes que [^\n]{0,40}\b(?:citee?|mentionnee?|clonee?)\b`, `\b(?:any|every) clone of|\bwhoever clones|\btout clone de|\bqui clone ceci`,
		`\blabel [a-z._]+ ?= ?"[^"]{0,80}\b(?:must|doit|ignore|important)\b`, `\b(?:and|puis|et) (?:also )?(?:destroy|wipe|erase|detruis|efface)\b[^\n]{0,16}\b(?:every other|all other|toutes les autres|tous les autres)`,
		`\b(?:destroy|wipe|erase|detruis|efface)[a-z]* (?:every|all|toutes|tous) (?:other|the other|les autres)\b`, `\b(?:also delete|supprime[rsz]? aussi)\b`, `\baction ?: ?(?:delete|destroy|stop|supprime|detruis|arrete)`,
		`\b(?:l'ia|l'assistant|le modele de langage|l'agent|le bot|le relecteur) (?:doit|devra|est prie|va maintenant)\b`,
	)},
	{kind: KindSecretRequest, hints: []string{"password", "secret", "token", "credential", "key", "env", "prompt", "instruction", "de passe", "jeton", "identifiant", "cle", "variable", "consigne", "context", "rules"}, res: compile(
		`\b(?:reveal|leak|dump|exfiltrate|disclose|divulge|print|echo|display|repeat|recite|(?:show|tell|give|send|mail|email|post|upload)(?: it| them)? (?:me|us|to)|what (?:is|are|was)|output|extract|read out)\s(?:[^\n]{0,30}\b)?(?:your|the|its|all|every|any|my|root|stored|api|cluster|proxmox|admin|ssh)\b[^\n]{0,24}\b(?:passwords?|secrets?|tokens?|credentials?|api[ -]?keys?|private[ -]keys?|env(?:ironment)?(?: variables?| vars?)?|system prompt|prompt|hidden (?:rules|context)|instructions)\b`,
		`\b(?:revele|divulgue|exfiltre|recite|repete|imprime|affiche|montre|envoie|transmets|extrais|(?:donne|dis|communique|lis)[sz]?[- ](?:moi|nous))[sz]?(?:[- ](?:moi|nous|les|le|la))?\b[^\n]{0,20}\b(?:ton|tes|ta|vos|votre|tous|toutes|les|le|la|l'|des)\b[^\n]{0,24}\b(?:mots? de passe|secrets?|jetons?|tokens?|identifiants de connexion|cles? (?:privees?|api|d'api|ssh privees?)|variables d'environnement|prompt(?: systeme)?|invite systeme|consignes|instructions)\b`,
		`\b(?:quel est|quels sont|quelle est|quelles sont) (?:le|la|les|ton|ta|tes|votre|vos)\b[^\n]{0,24}\b(?:mots? de passe|secrets?|jetons?|tokens?|cles? (?:privees?|api|d'api)|prompt(?: systeme)?|consignes|instructions)\b`,
	)},
	{kind: KindSecretRequest, hints: []string{"kubeconfig", "token", "password", "secret", "credential", "jeton", "de passe", "instruction", "consigne", "regles", "rules", "prompt", "key", "cle"}, res: compile(
		`\b(?:post|send|upload|envoie|envoyez|publie|poste|transmets)[a-z]*\b[^\n]{0,40}\b(?:kubeconfig|pveapitoken|tokens?|secrets?|passwords?|credentials?|jetons?|mots? de passe)\b[^\n]{0,30}https?:`,
		`\b(?:reveal|leak|exfiltrate|divulge|revele|divulgue|exfiltre)[rsz]? (?:the |le |la |les )?(?:api |root |admin )?(?:tokens?|passwords?|secrets?|keys?|jetons?|mots? de passe|cles?)\b`,
		`\b(?:grandmother|grandma|grand-mere)\b[^\n]{0,60}\b(?:tokens?|jetons?|passwords?|secrets?|keys?|cles?|mots? de passe)\b`,
		`\b(?:copy|translate|summari[sz]e|recopie|copie|traduis|resume)[rsz]? (?:your|tes|vos) (?:\w+ )?(?:instructions|rules|prompt|consignes|regles)\b`,
	)},
	{kind: KindCommand, raw: true, hints: []string{"qm ", "pct ", "pvesh", "terraform", "tofu", "kubectl", "{", "\","}, res: compile(
		`(?i)\b(?:qm|pct) (?:destroy|stop|shutdown|set|reset|delsnapshot)\b|\bpvesh (?:delete|set|create)\b|\b(?:terraform|tofu) (?:apply|destroy)\b|\bkubectl (?:delete|apply|exec)\b`,
		`\{\s*"[a-z_]+"\s*:|"\s*,\s*"[a-z_]+"\s*:`,
	)},
	{kind: KindInstruction, data: true, res: compile( // in what somebody else wrote, an order is no remark
		`\b(?:create|cree[rsz]?|run|lance[rsz]?|delete|destroy|supprime[rsz]?|detruis|stop|execute[rsz]?)\b[^\n]{0,16}\b(?:\d+|vms?|qm|pct|all|every|toutes?|tous)\b`,
		`\b(?:with|avec) \d+ (?:cores?|coeurs?)\b`, `\b(?:disable|desactive[rsz]?) (?:la |the )?(?:ha|firewall|pare-feu|backups?|protection|sauvegardes?)\b`, `\b(?:skip|saute[rsz]?) (?:the |la )?(?:confirmation|approval|approbation)\b`,
	)},
	{kind: KindCommand, raw: true, hints: []string{"$", "%", "`", ";", "&", "|", "{", "}", "\"", "\\", "(", "\n", "'", "rm", "mkfs", "dd if", "chmod", "curl", "wget", "base64", "powershell", "invoke-", "/bin/",
		"-exec", "union", "drop", "truncate", "insert", "delete", "nc -", "onbuild", "entrypoint", "cmdshell"}, res: compile(
		`\$\([^)]*\)?|\$\{[^}]*\}?|%\{|\{\{|\{%`, "`[^`\\n]*[ ;|&$/][^`\\n]*`", "`(?:id|whoami|reboot|env|ls|uname|hostname|ps|poweroff)`",
		`(?i)[;&|\n]\s*(?:sudo\s+)?(?:rm|curl|wget|bash|sh|zsh|nc|ncat|reboot|shutdown|poweroff|halt|cat|chmod|chown|dd|mkfs\S*|python3?|perl|ruby|php|qm|pct|pvesh|pveum|terraform|tofu|kubectl|systemctl|whoami|id|env|printenv|nslookup|ping)\b`,
		`(?i)\brm\s+-\w*[rf]|\bmkfs\.|\bdd\s+if=|\bchmod\s+[0-7]{3,4}\b|\b(?:curl|wget)\s+(?:-\S+\s+)*["']?(?:https?://|\w+\.\w)|\|\s*(?:ba|z)?sh\b|\bnc\s+-|\bbase64\s+-d|\bpowershell\b|\bInvoke-\w+|/bin/(?:ba)?sh\b`,
		`(?i)\b(?:local|remote)-exec\b|\bprovisioner\s*"|\b(?:data|resource|module|provider|variable)\s+"[^"]*"|\b(?:file|templatefile|filebase64|pathexpand)\s*\(\s*["']|\bterraform\s*\{`,
		`(?i)\b(?:drop|truncate)\s+(?:table|database)\b|\bunion\s+(?:all\s+)?select\b|['"]\s*or\s*['"]?\d['"]?\s*=\s*['"]?\d|;\s*--|\bxp_cmdshell\b|\binsert\s+into\s+\w+\s*\(|\bdelete\s+from\s+\w+`,
		`"\s*\}|"\s*;\s*\w+\s*\}|\}\s*"|"\s*\n\s*\w+\s*=\s*"`, `(?i)\b(?:eval|exec|system|popen|subprocess|os\.system|child_process|require)\s*\(`, `(?i)\b(?:ONBUILD|ENTRYPOINT)\b.*\[|:\(\)\s*\{`,
		`(?i)%0[ad]|\\x[0-9a-f]{2}\\x|\\u00[0-9a-f]{2}`,
	)},
	{kind: KindMarkup, raw: true, hints: []string{"<", "=", "](", "script", "data:"}, res: compile(
		`(?i)<\s*/?\s*(?:script|iframe|img|svg|object|embed|style|link|meta|form|html|body|base|video|audio|input|button|textarea|details|math|marquee|a\s+href|data|system|prompt|instructions?)\b`,
		`(?i)\bjavascript\s*:|\bvbscript\s*:|\bdata:text/html|\bon(?:error|load|click|mouseover|focus|toggle)\s*=`, `!\[[^\]\n]*\]\(\s*(?:https?:)?//`, `\[[^\]\n]*\]\(\s*javascript:`, `<!--|<!\[CDATA\[|<!ENTITY|<!DOCTYPE`,
	)},
	{kind: KindPath, raw: true, hints: []string{"..", "%2", "/", "\\", "169.254"}, res: compile(
		`\.\.[/\\]|(?i:%2e%2e|%252e|\.\.%2f)`, `(?i)/etc/(?:passwd|shadow|pve|ssh|sudoers|kubernetes|hosts)\b|/proc/(?:self|\d+)|/root/|~/\.(?:ssh|aws|kube|config)|/var/run/secrets|/dev/(?:tcp|sd[a-z]|mem)|\bfile://|\bgopher://|[A-Z]:\\(?:windows|users)|169\.254\.169\.254|/var/run/docker\.sock`,
	)},
}

// wanted are the words that matter when digits stand for letters.
var wanted = func() map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq("ignore disregard forget override bypass previous instructions instruction rules system prompt reveal password passwords secret secrets token ignorez oublie oubliez consignes regles") {
		out[w] = true
	}
	return out
}()

func itoa(n int) string { return strconv.Itoa(n) }

func hex(r rune) string { return fmt.Sprintf("%04x", r) }

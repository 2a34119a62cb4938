package guard

import "strings"

// words that follow each other loosely.
const near = `\b[^\n]{0,30}?\b`

// agents are the names under which texts address those who read them.
const agents = `(?:planner|analyst|engineer|prover|collector|orchestrator|reviewer|planificateur|analyste|ingenieur|orchestrateur|relecteur)`

// socialPatterns recognise what persuades rather than overrides: a new task, an authority, limits that are said to be lifted, words
// for the agents, a rule for later, an action without end. They are families of phrases, not phrases, each with hints of its own.
var socialPatterns = []pattern{
	{kind: KindInstruction, hints: words("listen|follow|obey|heed|respect"), res: compile(`\b(?:do not|don't|never|stop) (?:listen(?:ing)? to|follow(?:ing)?|obey(?:ing)?|heed(?:ing)?|respect(?:ing)?) (?:the |any |your |all )?(?:above|first|previous|prior|earlier|preceding|original|rules?|instructions?|polic\w+|guidelines?|restrictions?)\b`)},
	{kind: KindInstruction, hints: words("ignor|disregard|forget|overr"), res: compile(`\b(?:ignore|disregard|forget|override|overrule) (?:all |any |everything |the |of |these |those |that )*(?:previous|prior|earlier|preceding|original|above|first) (?:\w+ )?(?:instructions?|orders?|specifications?|specs?|sentences?|texts?|messages?|paragraphs?|lines?|words?|context|values?)\b`)},
	{kind: KindInstruction, hints: words("compte|ecoute|suis pas|suit pas|suivez|obei"), res: compile(`\b(?:ne tien[st] pas compte|ne tenez pas compte|n'ecoute[rsz]? pas|ne sui[st] pas|ne suivez pas|n'obei\w+ pas)` + gap + `(?:precede\w*|precedente?s?|ci-dessus|premiere phrase|consignes?|regles?|instructions?)\b`)},
	{kind: KindInstruction, hints: words("your |the new|the real|the actual|the true|the only"), res: compile(`\b(?:your|the) (?:new|real|actual|true|only) (?:goal|task|mission|objective|job|role|orders?|request|purpose)\b`)},
	{kind: KindInstruction, hints: words("new task|new mission|new objective|new goal"), res: compile(`\bnew (?:task|mission|objective|goal)s? ?:`)},
	{kind: KindInstruction, hints: words("nouve|vrai|veritable|seule"), res: compile(`\b(?:ton|votre|ta|tes|vos|la|le) (?:nouvel(?:le)?s?|vraie?s?|veritable|seule?) (?:objectif|but|mission|tache|role|instructions?|consignes?|demande)\b`)},
	{kind: KindInstruction, hints: words("nouvelle tache|nouvelle mission|nouvel objectif"), res: compile(`\bnouvel(?:le)? (?:tache|mission|objectif)s? ?:`)},
	{kind: KindInstruction, hints: words("order|command|instruct|authori|hereby"), res: compile(`\bi (?:hereby |now )?(?:order|command|instruct|authori[sz]e) you\b|\bi hereby\b`)},
	{kind: KindInstruction, hints: words("ordonne|commande|somme|enjoins|autorise"), res: compile(`\bje (?:t'|vous )(?:ordonne|commande|somme|enjoins|autorise)\b`)},
	{kind: KindInstruction, hints: words("you"), res: compile(`\byou(?: have been| are|'ve been|'re) (?:now )?(?:upgraded|unlocked|liberated|freed|reprogrammed|jailbroken|authori[sz]ed|allowed to do|free (?:of|from)|an? (?:helpful|evil|unrestricted|root|shell|terminal|hacker|linux|different|ai|assistant))\b`)},
	{kind: KindInstruction, hints: words("tu es|vous etes"), res: compile(`\b(?:tu es|vous etes) (?:un |une |le |la )?(?:shell|terminal|root|assistante?|ia|agent|pirate|interpreteur|libre de|libere|autorise)\b`)},
	{kind: KindInstruction, hints: words("limit|restriction|quota|check|polic|approval|confirmation|control|validation|safeguard"), res: compile(`\b(?:limits?|restrictions?|quotas?|checks?|polic(?:y|ies)|approvals?|confirmations?|controls?|validations?|safeguards?) (?:no longer (?:appl(?:y|ies)|counts?)|(?:do|does) not apply|(?:are|is|have been|has been|were) (?:all |now |already )?(?:disabled|switched off|turned off|lifted|suspended|waived|cancell?ed|not needed|unnecessary|not required|skipped|bypassed|done|passed))\b`)},
	{kind: KindInstruction, hints: words("restriction|limit|rule"), res: compile(`\b(?:if )?you (?:had|have) no (?:restrictions?|limits?|rules?)\b|\bno (?:restrictions?|limits?|rules?) (?:apply|any ?more|any longer)\b`)},
	{kind: KindInstruction, hints: words("limite|restriction|quota|controle|verification|approbation|confirmation|validation|garde-fou"), res: compile(`\b(?:limites?|restrictions?|quotas?|controles?|verifications?|approbations?|confirmations?|validations?|garde-fous?)(?: de \w+| d'\w+)? (?:ne s'appliquent? (?:plus|pas)|(?:est|sont|a ete|ont ete) (?:toute?s? |deja )?(?:desactive|leve|suspendu|annule|inutile|superflu|contourne|faite?)\w*)`)},
	{kind: KindInstruction, hints: words(" plus "), res: compile(`\b(?:n'as|n'avez|n'a) plus (?:aucune?|de) (?:restrictions?|limites?|regles?|consignes?|filtres?)\b`)},
	{kind: KindInstruction, hints: words("skip"), res: compile(`\bskip (?:all |every |any |the )+(?:questions?|checks?|confirmations?|approvals?|reviews?|tests?|proofs?|stages?|linting|validations?)\b`)},
	{kind: KindInstruction, hints: words("saute"), res: compile(`\bsaute[rsz]? (?:toutes? |tous |les |la |le |l')+(?:questions?|controles?|confirmations?|approbations?|verifications?|validations?|tests?|preuves?|etapes?)\b`)},
	{kind: KindInstruction, hints: words("--"), res: compile(`-{2,} ?(?:begin|end|start|debut|fin)\b`)},
	{kind: KindInstruction, hints: words("["), res: compile(`\[\[? ?(?:system|assistant|admin|developer|systeme|override)\b`)},
	{kind: KindInstruction, hints: words("<"), res: compile(`</?\s*(?:admin|root|assistant|user|developer|tool_call|tool|function|function_calls|invoke|context|rules|override|cmd|command|exec|action|message|systeme|consignes?|ordre|trusted)\b[^>]{0,40}>`)},
	{kind: KindInstruction, hints: words("planner|analys|engineer|prover|collector|orchestr|reviewer|planificat|ingenieur|relecteur"), res: compile(`\b` + agents + ` ?: ?(?:mark|add|set|raise|approve|accept|use|place|put|skip|ignore|give|ajoute|mets|place|passe|marque|accepte|approuve|augmente|donne|utilise|saute)`)},
	{kind: KindInstruction, hints: words("human|user|utilisateur|humain"), res: compile(`\b(?:human|user|utilisateur|humain) ?: (?:also|forget|ignore|now|actually|aussi|oublie|maintenant|finalement|en fait|delete|create|supprime|cree)\b`)},
	{kind: KindInstruction, hints: words("call|appelle|_"), res: compile(`\b(?:tool|function)_?call\b|\bcall the (?:function|tool)\b|\bappelle[rsz]? (?:la fonction|l'outil)\b|\b(?:delete|create|destroy|stop|start|exec|run|get|list|read|set)_(?:vms?|nodes?|tokens?|env|secrets?|files?|shell|command|snapshots?|pools?|users?)\b`)},
	{kind: KindInstruction, hints: words("respond|reply|answer"), res: compile(`\b(?:respond|reply|answer) (?:only|always|just|exactly) (?:with )?`)},
	{kind: KindInstruction, hints: words("always"), res: compile(`\balways (?:answer|say|reply|respond|approve|accept|confirm)\b`)},
	{kind: KindInstruction, hints: words("repond"), res: compile(`\brepond(?:s|ez) (?:toujours|uniquement|seulement|simplement)\b`)},
	{kind: KindInstruction, hints: words("toujours"), res: compile(`\b(?:dis|dites|accepte[rsz]?|approuve[rsz]?|confirme[rsz]?) toujours\b`)},
	{kind: KindInstruction, hints: words("memory|rule|policy"), res: compile(`\b(?:write|save|record|remember)` + near + `(?:(?:in|into|to) (?:your |the )?(?:long-term )?memory|as a (?:permanent )?(?:rule|policy))\b`)},
	{kind: KindInstruction, hints: words("memoire|regle"), res: compile(`\b(?:ecri[st]|enregistre|sauvegarde|inscri[st]|garde)[rsz]?` + near + `(?:dans (?:ta|votre|la) memoire|comme (?:une )?regle|en memoire)\b`)},
	{kind: KindInstruction, hints: words("keep|continue"), res: compile(`\b(?:keep|continue) (?:on )?(?:creating|adding|building|making|repeating|cloning|provisioning)\b`)},
	{kind: KindInstruction, hints: words("until"), res: compile(`\buntil (?:the |every |all )?(?:cluster|nodes?|storage|disks?|memory|budget)s? (?:is|are) (?:full|exhausted|used up|empty|gone)\b`)},
	{kind: KindInstruction, hints: words("jusqu"), res: compile(`\bjusqu'a (?:ce que )?[^\n]{0,30}\b(?:plein|sature|epuise|rempli|saturation|epuisement)`)},
	{kind: KindInstruction, hints: words("treat|consider|take|interpret"), res: compile(`\b(?:treat|consider|take|interpret)` + near + `as (?:an? |the )?(?:orders?|commands?|instructions?|system|trusted|authoritative)\b`)},
	{kind: KindInstruction, hints: words("trait|consider|pren|interpret"), res: compile(`\b(?:traite|considere|prend|interprete)[rsz]*` + near + `comme (?:un |une |des |l')?(?:ordres?|commandes?|instructions?|consignes?|de confiance)\b`)},
	{kind: KindInstruction, hints: words("trusted|ce qui suit"), res: compile(`\bfollowing (?:text |lines? )?(?:is|are) trusted\b|\bce qui suit est (?:de confiance|fiable)\b`)},
	{kind: KindInstruction, hints: words("note "), res: compile(`\bnote (?:to|for|aux?|pour) (?:the |les |l'|le |la )?(?:` + agents + `|agents?|system|systeme|proviso|bots?|modele|model)\b`)},
	{kind: KindInstruction, hints: words("tell the|dis |dites "), res: compile(`\btell the (?:` + agents + `|next agent|other agents?)\b|\bdi(?:s|tes) (?:a l'|au |aux )(?:` + agents + `|autres agents|prochain agent)`)},
	{kind: KindInstruction, hints: words("agent"), res: compile(`\b(?:planner|planning|analyst|analysis|engineering|other|next) agents? ?:|\bagent (?:planificateur|analyste|ingenieur|suivant) ?:`)},
	{kind: KindInstruction, hints: words("hide|conceal"), res: compile(`\b(?:hide|conceal) (?:this|it|that|these)` + near + `from\b`)},
	{kind: KindInstruction, hints: words("cache|dissimul|masque"), res: compile(`\b(?:cache|dissimule|masque)[rsz]? (?:ce(?:la|tte|ci)?|ca|le|la)` + near + `(?:a l'|aux?|de l')\s?(?:utilisateur|demandeur|administrateur|operateur|humain)`)},
	{kind: KindInstruction, hints: words("simul|emul|role|incarne"), res: compile(`\b(?:simulate|emulate|roleplay|role-play|simule|emule|incarne)[rsz]?` + near + `(?:debug|shell|terminal|root|admin\w*|unrestricted|console|hacker|pirate|sans (?:regle|limite|restriction)s?)\b`)},
	{kind: KindInstruction, hints: words("reset|clear|erase|wipe|flush|reinitialise"), res: compile(`\b(?:reset|clear|erase|wipe|flush) your\b|\breinitialise[rsz]? (?:ton|ta|tes|votre|vos)\b`)},
	{kind: KindInstruction, hints: words("anything|hypothe"), res: compile(`\bdo anything now\b|\bhypothetically\b`)},
	{kind: KindInstruction, hints: words("door|derobee|shell"), res: compile(`\b(?:install|add|open|ajoute|installe|ouvre)[rsz]? (?:a |an |une? )?(?:backdoor|porte derobee|reverse shell)`)},
	{kind: KindInstruction, hints: words("privilege"), res: compile(`\bescalate (?:your |the )?privileges?|\beleve[rsz]? (?:tes|vos|les) privileges`)},
	{kind: KindSecretRequest, hints: words("proviso_|pve"), res: compile(`\bproviso_[a-z_]+|\bpve_?api_?token|\bpve_(?:token|password|secret)`)},
	{kind: KindSecretRequest, hints: words("your|ton |ta |tes |votre|vos"), res: compile(`\b(?:your|ton|ta|tes|votre|vos) (?:\w+ )?(?:(?:api )?tokens?|secrets?|passwords?|credentials?|(?:ssh )?private keys?|api keys?|cles? (?:privees?|ssh|api|d'api)|jetons?|mots? de passe|identifiants|system prompt|environment variables|variables d'environnement)\b`)},
	{kind: KindSecretRequest, hints: words("your|ton |ta |tes |votre|vos"), res: compile(`\b(?:print|show|dump|display|reveal|output|list|affiche|montre|imprime|liste|revele|donne)[rsz]?` + near + `(?:your|ta|ton|tes|votre|vos) (?:\w+ )?(?:configuration|config|settings|environment|source code|parametres|environnement|reglages|code source|memory|memoire)\b`)},
	{kind: KindSecretRequest, hints: words("token|secret|password|private key|environment|jeton|de passe|cle|variable"), res: compile(`\b(?:use|put|encode|include|insert|write|set|place|embed|copy|append|utilise|mets|mettez|inclus|insere|ecris|copie)[rsz]?\b[^\n]{0,40}\b(?:tokens?|secrets?|passwords?|private keys?|environment variables?|jetons?|mots? de passe|cles? privees?|variables? d'environnement)\b[^\n]{0,24}\b(?:in|into|to|as|en|dans|comme|sur)\b[^\n]{0,20}\b(?:names?|descriptions?|tags?|notes?|comments?|outputs?|noms?|etiquettes?|sorties?|commentaires?)\b`)},
	{kind: KindSecretRequest, hints: words("you |que tu|que vous|dont"), res: compile(`\b(?:tokens?|secrets?|passwords?|credentials?|keys?|jetons?|mots? de passe|cles?)\b[^\n]{0,12}\b(?:you (?:hold|have|know|use|read|store)|que (?:tu|vous) |dont (?:tu|vous) )`)},
	{kind: KindSecretRequest, hints: words("value|content|valeur|contenu"), res: compile(`\b(?:values?|contents?|valeurs?|contenu) (?:of|de|du|des|d'|de la|de l') ?(?:the |your |la |le |l')?(?:environment|env\b|environnement|variables? d'env|/)`)},
	{kind: KindSecretRequest, hints: words("send|post|upload|mail|forward|publi|envo|transmet|poste|televerse"), res: compile(`\b(?:send|post|upload|mail|email|forward|publish|envoie|envoyez|transmets|transmettez|publie|poste|televerse)[rsz]?\b[^\n]{0,30}\b(?:state|manifest|plan|config\w*|snapshot|inventory|logs|etat|manifeste|instantane|inventaire|journaux)\b[^\n]{0,30}(?:\S+@\S+\.\w|https?:)`)},
	{kind: KindCommand, raw: true, hints: []string{"#{", "<%"}, res: compile(`#\{[^}\n]*\}|<%`)},
	{kind: KindInstruction, data: true, hints: words("must|should|shall|has to|have to|need|doi|devr"), res: compile(`\b(?:assistants?|agents?|models?|ai|ia|llm|proviso|modele|planner|reader|lecteur|terraform|manifest\w*|requests?|demandes?|vms?|machines?|clones?|guests?|servers?|serveurs?) (?:must|should|shall|has to|have to|needs? to|doi(?:t|vent)|devra|devront)\b`)},
	{kind: KindInstruction, data: true, hints: words("every|each|all|any"), res: compile(`\b(?:every|each|all|any) (?:new |other |future )?(?:vms?|machines?|guests?|servers?|clones?|requests?|containers?)\b`)},
	{kind: KindInstruction, data: true, hints: words("chaque|tou"), res: compile(`\b(?:chaque|toutes? (?:les )?|tout|tous (?:les )?)(?:nouvelles? |autres? |futures? |nouveaux? )?(?:vms?|machines?|clones?|serveurs?|demandes?|conteneurs?)\b`)},
	{kind: KindInstruction, data: true, hints: words("approve|confirm|skip|ignor|bypass|grant|deplo|approuve|saute|accorde|autoris|contourne"), res: compile(`\b(?:approve|confirm|skip|ignore|bypass|grant|deploy|approuve|confirme|saute|accorde|autorise|deploie|contourne)[rsz]? (?:\w+ ){0,3}(?:\d+|vms?|everything|all|any|confirmations?|approvals?|requests?|checks?|privileged|privilegie|access|acces|tout|toutes?|demandes?|controles?|sans|without|root)\b`)},
	{kind: KindInstruction, data: true, hints: words("give|add|raise|increase|double|set |scale|use |move|migrate|place|put |donne|ajoute|augmente|passe|mets|mettez|utilise|deplace|migre"), res: compile(`\b(?:give|add|raise|increase|double|set|scale|use|move|migrate|place|put|donne|ajoute|augmente|passe|mets|mettez|utilise|deplace|migre)[rsz]? (?:\S+ ){0,5}(?:\d+|everything|all|tout|toutes?|cores?|coeurs?|nodes?|noeuds?|replicas?|memory|memoire)\b`)},
}

// words are hints, one after the other.
func words(list string) []string { return strings.Split(list, "|") }

// allPatterns are tried in order; of one kind, the first that fits is reported.
var allPatterns = append(append([]pattern{}, patterns...), socialPatterns...)

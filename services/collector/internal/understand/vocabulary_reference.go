package understand

import (
	"fmt"
	"strings"
)

// referenceVocabulary holds the words that point at machines already spoken of, or that exist: "like worker-node-2", "the same
// but with 16 GB", "another one", and those of the start order. Its rows come before the others, so that they win where a word
// stands in both.
var referenceVocabulary = []vocable{
	{clLike, "", 0, "like|exactly like|just like|same as|the same as|exactly the same as|exact same as|identical to|similar to|sized like|sized as|same size as|the same size as|same sizing as|the same sizing as|same specs as|the same specs as|same spec as|the same spec as|with the specs of|with the sizing of|same configuration as|the same configuration as|same config as|the same config as|same setup as|the same setup as|configured like|modelled on|modeled on|modelled after|modeled after|a copy of the sizing of|copy of the sizing of|the sizing of|twin of|a twin of|a sibling of|sibling of|matching|equivalent to|same resources as|the same resources as|in the image of|along the lines of|patterned after|same hardware as|the same hardware as"},
	{clLike, "", 0, "exactement comme|tout comme|identique a|identiques a|identique au|identiques au|identique aux|identiques aux|pareil a|pareille a|pareils a|pareilles a|pareil que|pareille que|pareils que|pareilles que|semblable a|semblables a|similaire a|similaires a|similaire au|dimensionnee comme|dimensionne comme|dimensionnees comme|dimensionnes comme|configuree comme|configure comme|configurees comme|configures comme|la meme taille que|meme taille que|de meme taille que|de la meme taille que|memes specs que|les memes specs que|memes caracteristiques que|les memes caracteristiques que|avec les memes caracteristiques que|meme config que|la meme config que|meme configuration que|la meme configuration que|meme dimensionnement que|le meme dimensionnement que|le dimensionnement de|une copie du dimensionnement de|copie du dimensionnement de|memes ressources que|les memes ressources que|avec les memes ressources que|la meme chose que|meme chose que|la meme que|le meme que|les memes que|le meme serveur que|la meme machine que|la meme vm que|meme vm que|meme machine que|sur le modele de|sur le modele du|calquee sur|calque sur|calquees sur|calques sur|a l'image de|jumelle de|jumeau de|une jumelle de|un jumeau de|equivalente a|equivalent a|a l'identique de|meme gabarit que|le meme gabarit que|du meme gabarit que|aussi puissante que|aussi puissant que|as powerful as|as big as|as large as|aussi grosse que|aussi gros que|aussi grande que|aussi grand que|meme materiel que"},

	{clSame, "", 0, "the same resources|same resources|the same sizes|the same hardware|les memes ressources|memes ressources|le meme dimensionnement|meme dimensionnement|the same|same one|the same one|the same ones|exact same|the exact same|exactly the same|same again|the same again|same thing|the same thing|the very same|identical one|identical ones|ditto|likewise|like the last|like the last one|like the previous|like the previous one|like that|like that one|like this one|like those|like the first|like the first one|like the above|of the same|of the same kind|same kind|of that kind|of the like|same specs|the same specs|same size|the same size|of the same size|same sizing|the same sizing|same configuration|the same configuration|same config|the same config|same setup|the same setup"},
	{clSame, "", 0, "la meme|le meme|les memes|la meme chose|meme chose|pareil|pareille|pareils|pareilles|idem|comme ca|comme cela|comme celle la|comme celui la|comme celles la|comme ceux la|comme celle ci|comme celui ci|comme la derniere|comme le dernier|comme les derniers|comme les dernieres|comme la precedente|comme le precedent|comme les precedentes|comme les precedents|comme la premiere|comme le premier|du meme genre|du meme type|de la meme sorte|du meme acabit|la meme taille|de la meme taille|de meme taille|meme taille|memes specs|les memes specs|meme config|la meme config|meme configuration|la meme configuration|memes caracteristiques|les memes caracteristiques|a l'identique"},
	{clSame, "again", 0, "do the same again|do the same|do that again|do it again|do it once more|again|once again|once more|same again please|repeat|repeat that|repeat it|repeat the last|repeat the last one|repeat the last request|repeat my last request|redo|redo that|redo the last|redo the last one|like before|as before|like last time|as last time|same as last time|the same as last time|same as before|the same as before|like earlier|as usual|one like before|as for the last|same procedure|another round|another batch|another batch of those"},
	{clSame, "again", 0, "refais|refaire|refaites|refais la meme chose|refaire la meme chose|refais-moi la meme chose|refaites la meme chose|refais pareil|refais ca|refais la meme|refais le meme|refais en|recommence|recommencez|recommencer|recommence pareil|de nouveau|a nouveau|encore une fois|une fois encore|encore la meme chose|encore la meme|encore le meme|encore pareil|fais pareil|fais la meme chose|faire la meme chose|faites la meme chose|fais de meme|rebelote|bis|repete|repete ca|repetez|remets|remets en|remettez|remets-en|remettez-en|remets la meme chose|remets-moi la meme chose|remets ca|comme avant|comme precedemment|comme la derniere fois|comme la fois precedente|comme la fois derniere|comme tout a l'heure|comme d'habitude|comme auparavant|comme hier|meme chose que la derniere fois|la meme chose que la derniere fois|la meme chose qu'avant|pareil qu'avant|pareil que la derniere fois|encore"},
	{clSiblings, "", 0, "like the others|like the other ones|like the existing ones|like the existing|like the rest|same as the others|the same as the others|identical to the others|as the others|like its siblings|matching the others|matching the existing ones|comme les autres|comme les existants|comme les existantes|comme ceux qui existent|comme celles qui existent|identique aux autres|identiques aux autres|identique aux existants|identiques aux existants|identiques aux existantes|identique aux existantes|pareil que les autres|pareille que les autres|pareils que les autres|pareilles que les autres|la meme que les autres|le meme que les autres|les memes que les autres|les memes que les existants"},

	{clOne, "another", 1, "one more|another|another one|un autre|une autre|encore un|encore une|yet another"},
	{clChange, "scale", 0, "scale|scale out|scale-out|scaling|porter|porte|portez|bring|fais passer|faites passer|faire passer"},
	{clFiller, "", 0, "thx|thanx|tks|ty|many thanks|thanks a lot|thanks in advance|many thanks in advance|thank you in advance|thank you very much|cheers|regards|best regards|kind regards|hello team|hello everyone|hi team|hi there|hi all|good morning|good afternoon|good evening|team|everyone|folks|guys|mate|i hope you are well|i hope you are doing well|hope you are well|when you find the time|when you have time|when you get a chance|if you could|if you can|would be great|would be nice|be nice|it would be great|we would be grateful|grateful|provide|provide us with|provide me with|something like|should be plenty|should be enough|should suffice|is plenty|is enough|would do|will do|should do|it should live|live|lives|sit|sits|living|quick|real quick|gonna|wanna|gimme|lemme|pls|plz|plox"},
	{clFiller, "", 0, "bonne journee|bonne soiree|bonne matinee|merci d'avance et bonne journee|merci beaucoup|grand merci|un grand merci|mille mercis|cordialement|bien cordialement|a bientot|salut a tous|bonjour a tous|bonjour l'equipe|l'equipe|j'espere que vous allez bien|j'espere que tu vas bien|j'espere que tout va bien|si vous pouvez|si tu peux|quand vous aurez le temps|quand tu auras le temps|quand tu as le temps|des que possible|dans l'ideal|idealement|devraient suffire|devrait suffire|devraient largement suffire|devrait largement suffire|suffisent|suffit|suffiront|suffira|ca suffit|ce serait bien|ce serait super|serait|seraient|il devrait|elle devrait|ils devraient|elles devraient|tourner|tourne|vivre|quelque chose comme|genre|disons|say|cordialement votre|fournir|mets moi|stp merci|steuplait"},
	{clBoot, "no", 0, "sans demarrage automatique|pas de demarrage automatique|sans demarrage auto|pas de demarrage auto|ne pas demarrer automatiquement|sans lancement automatique|aucun demarrage automatique|without autostart|no autostart|without automatic start|without auto-start|no automatic start|no start at boot|no start on boot|pas d'autostart|sans autostart"},
	{clCreate, "add", 0, "il manque|il nous manque|il me manque|we lack|we are missing|we're missing|we are short of|we're short of|we are short on|we're short on|manque|manquent|il en manque"},
	{clWith, "", 0, "w/"}, {clNot, "", 0, "on any node but|on any node except|on any node other than|any node other than|on any host but|on any host except|sur n'importe quel noeud sauf|n'importe quel noeud sauf|sur n'importe quel noeud a part|tous les noeuds sauf|sur tous les noeuds sauf|a part|w/o|isn't|aren't|is not|are not|n'est pas|ne sont pas|ne soit pas|ne soient pas|not be"},
	{clMachine, "", 0, "serv|srv|srvs"}, {clRole, "web-server", 0, "serv web|srv web"},
	{clBackup, "no", 0, "sans sauvegarde|sans sauvegardes|pas de sauvegarde|pas de sauvegardes|sans backup|pas de backup|aucune sauvegarde|no backup|no backups|without backup|without backups|not backed up|non sauvegardee|pas sauvegardee"},
	{clFiller, "", 0, "u|ur|stays|stay|remain|remains|reste|restent|rester|can u|could u|qui reste|that stays|that remains"},
	{clAll, "", 0, "tout|le reste|all of it"},
	{clFiller, "", 0, "for testing|for tests|for test|for testing purposes|for test purposes|de test|de tests|pour tester|pour des tests|pour les tests|behind|behind it|behind them|derriere|keep|keep them|keep the|garde|gardez|capacity|de la capacite|plus de capacite|more capacity"},
	{clFiller, "", 0, "at the same time|en meme temps|quand meme|tout de meme|meme si|for once"},

	{clStartOrder, "", 0, "start order|startup order|start-up order|boot order|order of start|start position|startup position|start rank|starting order|order at boot|boot priority|start priority|startup priority|ordre de demarrage|ordre de boot|ordre au demarrage|ordre de lancement|rang de demarrage|position de demarrage|priorite de demarrage|ordre d'allumage|ordre de mise en route"},
	{clStartDelay, "", 0, "start delay|startup delay|start-up delay|boot delay|up delay|starting delay|delay of start|delai de demarrage|delai au demarrage|delai de boot|temporisation de demarrage|temporisation|delai d'attente au demarrage|attente au demarrage"},
	{clAfter, "", 0, "after|apres|a la suite de|only after|seulement apres|uniquement apres|juste apres|right after"},
	{clBefore, "", 0, "before|avant|ahead of|prior to|juste avant|right before"},
	{clThen, "", 0, "then|and then|after that|afterwards|followed by|thereafter|puis|et puis|ensuite|et ensuite|puis ensuite|apres cela|suivi de|suivie de|suivis de|suivies de|suivi du|suivis du|suivi des|et apres"},
	{clFirst, "", 0, "d'abord|tout d'abord|en premier|en premier lieu|first of all|at first"},
	{clLast, "", 0, "en dernier|en dernier lieu|at last|as last"},
}

// The words of the tens, for the numbers between them.
var (
	englishUnits = strings.Fields("- one two three four five six seven eight nine")
	englishTens  = map[int]string{20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety"}
	frenchUnits  = strings.Fields("- un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf")
	frenchTens   = map[int]string{20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre-vingt"}
)

// numberRows are the numbers from 21 to 100 in words, in both languages, with the forms of Belgium and Switzerland, and the larger
// ones that sizes come in.
func numberRows() []vocable {
	rows := []vocable{
		{clNumber, "", 70, "septante"}, {clNumber, "", 80, "huitante|octante"}, {clNumber, "", 90, "nonante"},
		{clNumber, "", 100, "hundred|one hundred|a hundred|cent"}, {clNumber, "", 120, "one hundred and twenty|a hundred and twenty|one hundred twenty|cent vingt"},
		{clNumber, "", 128, "one hundred and twenty-eight|a hundred and twenty-eight|one hundred twenty-eight|cent vingt-huit"},
		{clNumber, "", 150, "one hundred and fifty|a hundred and fifty|one hundred fifty|cent cinquante"},
		{clNumber, "", 200, "two hundred|deux cents|deux cent"}, {clNumber, "", 250, "two hundred and fifty|two hundred fifty|deux cent cinquante"},
		{clNumber, "", 256, "two hundred and fifty-six|two hundred fifty-six|deux cent cinquante-six"}, {clNumber, "", 300, "three hundred|trois cents|trois cent"},
		{clNumber, "", 400, "four hundred|quatre cents"}, {clNumber, "", 500, "five hundred|cinq cents|cinq cent"},
		{clNumber, "", 512, "five hundred and twelve|five hundred twelve|cinq cent douze"}, {clNumber, "", 1000, "one thousand|a thousand|mille"},
	}
	for n := 20; n < 100; n++ {
		ten, unit := n/10*10, n%10
		english := englishTens[ten]
		if unit > 0 {
			english += "-" + englishUnits[unit]
		}
		rows = append(rows, vocable{clNumber, "", n, english + "|" + frenchNumber(n)})
	}
	return rows
}

// frenchNumber writes a number from 20 to 99: "vingt et un", "soixante-dix-sept", "quatre-vingt-onze".
func frenchNumber(n int) string {
	ten, rest := n/10*10, n%10
	if ten == 70 || ten == 90 {
		ten, rest = ten-10, rest+10
	}
	word := frenchTens[ten]
	switch {
	case rest == 0 && ten == 80:
		return "quatre-vingts|quatre-vingt"
	case rest == 0:
		return word
	case rest == 1 && ten != 80, rest == 11 && ten == 60:
		et := fmt.Sprintf("%s et %s", word, frenchUnits[rest])
		if rest == 1 {
			et += "|" + et + "e"
		}
		return et
	}
	return word + "-" + frenchUnits[rest]
}

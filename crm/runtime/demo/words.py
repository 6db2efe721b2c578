"""Invented name parts of the demo's people and companies, as (Hangul, Latin), and where they live."""

SURNAMES = (
    ("김", "kim"), ("이", "lee"), ("박", "park"), ("최", "choi"), ("정", "jung"), ("강", "kang"), ("조", "cho"),
    ("윤", "yoon"), ("장", "jang"), ("임", "lim"), ("한", "han"), ("오", "oh"), ("서", "seo"), ("신", "shin"),
    ("권", "kwon"), ("황", "hwang"), ("안", "ahn"), ("송", "song"), ("류", "ryu"), ("홍", "hong"), ("문", "moon"),
    ("남궁", "namgung"),
)  # fmt: skip
FIRST = (
    ("서", "seo"), ("민", "min"), ("지", "ji"), ("하", "ha"), ("도", "do"), ("예", "ye"), ("수", "su"), ("준", "jun"),
    ("현", "hyun"), ("은", "eun"), ("유", "yu"), ("채", "chae"), ("시", "si"), ("태", "tae"), ("재", "jae"),
    ("나", "na"), ("다", "da"), ("소", "so"), ("건", "gun"), ("영", "young"),
)  # fmt: skip
SECOND = (
    ("연", "yeon"), ("윤", "yun"), ("우", "woo"), ("준", "jun"), ("아", "ah"), ("은", "eun"), ("빈", "bin"),
    ("호", "ho"), ("진", "jin"), ("희", "hee"), ("원", "won"), ("영", "young"), ("린", "rin"), ("율", "yul"),
    ("경", "kyung"), ("석", "seok"), ("미", "mi"), ("훈", "hoon"), ("선", "sun"), ("혁", "hyuk"),
)  # fmt: skip
ENGLISH_FIRST = (
    "Olivia", "Liam", "Emma", "Noah", "Ava", "Ethan", "Mia", "Lucas", "Chloe", "Daniel", "Grace", "Ryan", "Hannah",
    "Jacob", "Sophie", "Owen", "Ella", "Nathan", "Ruby", "Theo",
)  # fmt: skip
ENGLISH_LAST = (
    "Carter", "Bennett", "Hughes", "Walsh", "Meyer", "Novak", "Larsen", "Rossi", "Tanaka", "Chen", "Okafor", "Silva",
    "Brooks", "Keller", "Moreau", "Doyle", "Fischer", "Lindqvist", "Nakamura", "Reyes",
)  # fmt: skip

COMPANIES = (
    ("한들소프트", "handeulsoft", "IT"),
    ("㈜누리봄", "nuribom", "Education"),
    ("주식회사 가온물산", "gaon", "Trade"),
    ("다솜헬스케어", "dasomhealth", "Healthcare"),
    ("라온디자인", "raondesign", "Design"),
    ("(주)미르전자", "mirelec", "Manufacturing"),
    ("바다랩스", "badalabs", "IT"),
    ("새벽커머스", "saebyuk", "Retail"),
    ("아람건축", "aramarch", "Construction"),
    ("자람에듀", "jaramedu", "Education"),
    ("차오름미디어", "chaoreum", "Media"),
    ("㈜카라반로지스", "caravan", "Logistics"),
    ("타래패션", "tarae", "Retail"),
    ("파란식품", "paranfood", "Food"),
    ("하늘금융", "haneulfin", "Finance"),
    ("고운화학", "gounchem", "Manufacturing"),
    ("나래항공정비", "naraeaero", "Manufacturing"),
    ("도담보육", "dodam", "Education"),
    ("로운컨설팅", "rowoon", "Consulting"),
    ("모든여행", "modeuntour", "Travel"),
    ("보람병원", "boramhosp", "Healthcare"),
    ("소담푸드", "sodam", "Food"),
    ("온새미게임즈", "onsaemi", "Games"),
    ("우람중공업", "uram", "Manufacturing"),
    ("이든법률", "edenlaw", "Legal"),
    ("주식회사 초록농장", "chorok", "Food"),
    ("큰나무출판", "bigtree", "Media"),
    ("토닥심리", "todak", "Healthcare"),
    ("포근홈", "pogeun", "Retail"),
    ("해솔에너지", "haesol", "Energy"),
    ("그루터기", "geuruteogi", "Retail"),
    ("늘봄바이오", "neulbom", "Healthcare"),
    ("단비테크", "danbi", "IT"),
    ("마루인테리어", "maruinterior", "Construction"),
    ("버들데이터", "beodeul", "IT"),
    ("솔빛조명", "solbit", "Manufacturing"),
    ("아침식탁", "achim", "Food"),
    ("윤슬스튜디오", "yunseul", "Media"),
    ("잎새제약", "ipsae", "Healthcare"),
    ("햇살보험", "haetsal", "Finance"),
    ("Northwind Bay", "northwindbay", "Logistics"),
    ("Pinecrest Labs Inc.", "pinecrest", "IT"),
    ("Bluefern Studio", "bluefern", "Design"),
    ("Harborline Ltd.", "harborline", "Trade"),
    ("Maplegate", "maplegate", "Retail"),
    ("Oakriver Partners", "oakriver", "Consulting"),
    ("Silverlake Foods", "silverlake", "Food"),
    ("Cedarpoint Bio", "cedarpoint", "Healthcare"),
    ("Lumenfield", "lumenfield", "Energy"),
    ("Quietharbor Games", "quietharbor", "Games"),
    ("Tidewater Learning", "tidewater", "Education"),
    ("Stonebridge Legal LLP", "stonebridge", "Legal"),
    ("가람여행사", "garamtour", "Travel"),
    ("느티나무서점", "neutinamu", "Retail"),
    ("두레협동조합", "dure", "Food"),
    ("무지개완구", "mujigae", "Retail"),
    ("별하천문", "byeolha", "Education"),
    ("산들바람항공", "sandeul", "Travel"),
    ("여울수처리", "yeoul", "Energy"),
    ("참빛안경", "chambit", "Retail"),
)

# City, region, five-digit postcode, street.
PLACES = (
    ("서울", "서울특별시", "06236", "강남구 테헤란로"), ("서울", "서울특별시", "04524", "중구 세종대로"),
    ("서울", "서울특별시", "07327", "영등포구 여의대로"), ("서울", "서울특별시", "04782", "성동구 성수이로"),
    ("부산", "부산광역시", "48058", "해운대구 센텀중앙로"), ("인천", "인천광역시", "21984", "연수구 송도과학로"),
    ("대구", "대구광역시", "41911", "중구 국채보상로"), ("대전", "대전광역시", "34126", "유성구 대학로"),
    ("광주", "광주광역시", "61947", "서구 상무대로"), ("성남", "경기도", "13494", "분당구 판교역로"),
    ("수원", "경기도", "16514", "영통구 광교중앙로"), ("제주", "제주특별자치도", "63122", "연동 노형로"),
    ("춘천", "강원특별자치도", "24341", "금강로"), ("전주", "전북특별자치도", "54999", "완산구 전주객사길"),
)  # fmt: skip

TITLES = (
    ("대표", "decision_maker"), ("이사", "decision_maker"), ("인사팀장", "buyer"), ("IT 팀장", "champion"),
    ("부장", "influencer"), ("과장", "influencer"), ("대리", "user"), ("매니저", "user"), ("사원", "user"),
    ("총무팀장", "buyer"), ("기획팀장", "champion"),
)  # fmt: skip
ENGLISH_TITLES = (
    ("CEO", "decision_maker"), ("Head of IT", "champion"), ("Procurement lead", "buyer"), ("Team lead", "influencer"),
    ("Office manager", "user"), ("Analyst", "user"),
)  # fmt: skip
MAILBOXES = ("example.com", "example.net", "example.org", "mail.example.com", "post.example.net")

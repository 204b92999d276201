"""Fictional Chinese names of companies, people and sites, with their pinyin initials, as many as wanted."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from openbeian.kernel.initials import compute_initials

CITIES = [
    "北京",
    "上海",
    "广州",
    "深圳",
    "杭州",
    "南京",
    "苏州",
    "成都",
    "重庆",
    "武汉",
    "西安",
    "长沙",
    "青岛",
    "宁波",
    "厦门",
    "合肥",
    "福州",
    "郑州",
    "济南",
    "昆明",
    "哈尔滨",
    "大连",
    "沈阳",
    "贵阳",
    "南宁",
    "海口",
    "兰州",
    "银川",
    "西宁",
    "拉萨",
    "太原",
    "石家庄",
]
TRADES = [
    "科技",
    "网络",
    "信息技术",
    "软件",
    "文化传媒",
    "电子商务",
    "教育咨询",
    "贸易",
    "物流",
    "智能装备",
    "生物医药",
    "环保工程",
    "建筑设计",
    "餐饮管理",
    "旅游",
    "农业",
    "纺织",
    "机械制造",
    "新能源",
    "数据服务",
    "广告",
    "供应链管理",
    "健康管理",
    "酒店管理",
    "汽车服务",
    "家居用品",
    "珠宝",
    "体育",
]
ENDINGS = ["有限公司", "有限责任公司", "股份有限公司", "集团有限公司", "事务所", "工作室", "研究院"]
FIRST = [
    "华",
    "中",
    "天",
    "金",
    "瑞",
    "鑫",
    "恒",
    "盛",
    "泰",
    "安",
    "信",
    "诚",
    "嘉",
    "佳",
    "美",
    "新",
    "东",
    "南",
    "西",
    "北",
    "长",
    "永",
    "久",
    "远",
    "博",
    "智",
    "慧",
    "云",
    "海",
    "山",
    "江",
    "河",
    "龙",
    "凤",
    "鹏",
    "飞",
    "腾",
    "达",
    "兴",
    "旺",
    "康",
    "乐",
    "和",
    "谐",
    "宏",
    "伟",
    "光",
    "明",
    "星",
    "辰",
    "月",
    "阳",
    "春",
    "秋",
    "松",
    "柏",
    "竹",
    "梅",
    "兰",
    "菊",
    "荷",
    "莲",
    "青",
    "蓝",
    "红",
    "紫",
    "白",
    "墨",
    "玉",
    "银",
    "铜",
    "铁",
    "石",
    "林",
    "森",
    "木",
    "火",
    "水",
    "土",
]
RARE = ["㛃", "䶮", "翀", "犇", "焱", "淼", "垚", "骉", "彧", "頔", "翾", "赟"]
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文"
SITES = [
    "官网",
    "商城",
    "之家",
    "在线",
    "资讯",
    "论坛",
    "博客",
    "学堂",
    "平台",
    "服务网",
    "助手",
    "圈子",
    "书屋",
    "图库",
    "影像",
    "笔记",
    "驿站",
    "生活",
    "指南",
    "工坊",
    "食谱",
    "地图",
    "课堂",
    "导航",
    "社区",
]
SUFFIXES = ("cn", "com", "com.cn", "net", "top", "xn--fiqs8s")


@dataclass(frozen=True, slots=True)
class Name:
    text: str
    initials: str


class NameMaker:
    """Draws names from a seeded source; initials are put together from parts, which is fifty times as fast."""

    def __init__(self, random: Random) -> None:
        self._random = random
        parts = {*CITIES, *TRADES, *ENDINGS, *FIRST, *RARE, *SURNAMES, *SITES}
        self._initials = {part: compute_initials(part) for part in parts}

    def _brand(self) -> list[str]:
        pick = self._random
        brand = pick.choices(FIRST, k=pick.choice((2, 2, 3, 4)))
        if pick.random() < 0.01:
            brand[-1] = pick.choice(RARE)
        return brand

    def _name(self, *parts: str) -> Name:
        return Name("".join(parts), "".join(self._initials[p] for p in parts))

    def company(self) -> Name:
        pick = self._random
        return self._name(pick.choice(CITIES), *self._brand(), pick.choice(TRADES), pick.choice(ENDINGS))

    def person(self) -> Name:
        return self._name(self._random.choice(SURNAMES), *self._random.choices(FIRST, k=self._random.choice((1, 2))))

    def site(self) -> Name:
        return self._name(*self._brand(), self._random.choice(SITES))

    def domain(self, number: int) -> str:
        """A domain of its own for each number."""
        letters = "".join(self._random.choices("abcdefghijklmnopqrstuvwxyz", k=self._random.choice((3, 5, 7))))
        return f"{letters}{number:x}.{self._random.choice(SUFFIXES)}"
